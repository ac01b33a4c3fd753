import { Pool } from 'undici'
import { model, telegram, token } from './arguments.ts'

export interface BareUpdate {
  update_id: number
  message: { chat: { id: number }; text: string }
}

const telegramPool = new Pool(telegram, { connections: 256 })
const modelPool = new Pool(model, { connections: 4096 })
const headers = { 'content-type': 'application/json' }

/** Asks the model, reads its stream as it comes, and sends what it said. */
export async function answer({ message }: BareUpdate): Promise<void> {
  let text = ''
  for await (const piece of streamAnswer(message.text)) text += piece
  const body = JSON.stringify({ chat_id: message.chat.id, text })
  const sent = await telegramPool.request({ method: 'POST', path: `/bot${token}/sendMessage`, headers, body })
  await sent.body.json()
}

/** What the model says, piece by piece. */
export async function* streamAnswer(question: string): AsyncGenerator<string> {
  const messages = [{ role: 'user', content: question }]
  const body = JSON.stringify({ model: 'fake', stream: true, messages })
  const response = await modelPool.request({ method: 'POST', path: '/v1/chat/completions', headers, body })
  yield* piecesOf(response.body.setEncoding('utf8'))
}

/** The pieces of text in a stream of events. */
export async function* piecesOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of chunks) {
    const events = (rest + chunk).split('\n\n')
    rest = events.pop() ?? ''
    for (const event of events) {
      const piece = contentOf(event)
      if (piece !== '') yield piece
    }
  }
}

function contentOf(event: string): string {
  if (!event.startsWith('data: {')) return ''
  return JSON.parse(event.slice('data: '.length)).choices[0]?.delta.content ?? ''
}
