/** The bare loop as most would write it: Node's own fetch for the model and for Telegram. */
import { model, port, telegram, token } from './arguments.ts'
import { type BareUpdate, piecesOf } from './bare-answer.ts'
import { listen } from './receive.ts'

const headers = { 'content-type': 'application/json' }

async function answer({ message }: BareUpdate): Promise<void> {
  const messages = [{ role: 'user', content: message.text }]
  const response = await post(`${model}/v1/chat/completions`, { model: 'fake', stream: true, messages })
  let text = ''
  if (response.body)
    for await (const piece of piecesOf(response.body.pipeThrough(new TextDecoderStream()))) text += piece
  const sent = await post(`${telegram}/bot${token}/sendMessage`, { chat_id: message.chat.id, text })
  await sent.json()
}

const post = (url: string, body: object): Promise<Response> =>
  fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })

listen(port, async (update: BareUpdate) => void answer(update))
