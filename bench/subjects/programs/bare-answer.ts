import { Pool } from 'undici'
import { model, telegram, token } from './arguments.ts'

export interface BareUpdate {
  update_id: number
  message: { chat: { id: number }; text: string }
}

const telegramPool = new Pool(telegram, { connections: 256 })
const modelPool = new Pool(model, { connections: 256 })
const headers = { 'content-type': 'application/json' }

/** Asks the model, reads its stream as it comes, and sends what it said. */
export async function answer({ message }: BareUpdate): Promise<void> {
  const text = await ask(message.text)
  const body = JSON.stringify({ chat_id: message.chat.id, text })
  const sent = await telegramPool.request({ method: 'POST', path: `/bot${token}/sendMessage`, headers, body })
  await sent.body.json()
}

async function ask(question: string): Promise<string> {
  const messages = [{ role: 'user', content: question }]
  const body = JSON.stringify({ model: 'fake', stream: true, messages })
  const response = await modelPool.request({ method: 'POST', path: '/v1/chat/completions', headers, body })
  let rest = ''
  let text = ''
  for await (const chunk of response.body.setEncoding('utf8')) {
    const events = (rest + chunk).split('\n\n')
    rest = events.pop() ?? ''
    for (const event of events) text += contentOf(event)
  }
  return text
}

function contentOf(event: string): string {
  if (!event.startsWith('data: {')) return ''
  return JSON.parse(event.slice('data: '.length)).choices[0]?.delta.content ?? ''
}
