/**
 * The least a bot can do, to measure against: webhook in, model asked, reply out; nothing is stored, checked or retried.
 * Environment: PORT, TELEGRAM_API_ROOT, MODEL_URL.
 */
import { createServer } from 'node:http'
import { Pool } from 'undici'

const { PORT = '0', TELEGRAM_API_ROOT = '', MODEL_URL = '' } = process.env
const telegram = new Pool(TELEGRAM_API_ROOT, { connections: 50 })
const models = new Pool(new URL(MODEL_URL).origin, { connections: 50 })
const headers = { 'content-type': 'application/json' }

async function ask(text: string): Promise<string> {
  const body = JSON.stringify({ model: 'fake', stream: true, messages: [{ role: 'user', content: text }] })
  const response = await models.request({ method: 'POST', path: '/v1/chat/completions', headers, body })
  const events = (await response.body.text()).split('\n\n')
  let answer = ''
  for (const event of events) {
    if (!event.startsWith('data: {')) continue
    answer += JSON.parse(event.slice(6)).choices[0]?.delta.content ?? ''
  }
  return answer
}

async function reply(update: { message: { chat: { id: number }; text: string } }): Promise<void> {
  const text = await ask(update.message.text)
  const body = JSON.stringify({ chat_id: update.message.chat.id, text })
  const response = await telegram.request({ method: 'POST', path: '/bot1:x/sendMessage', headers, body })
  await response.body.text()
}

createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    response.end()
    if (request.method === 'POST') void reply(JSON.parse(Buffer.concat(chunks).toString()))
  })
}).listen(Number(PORT), '127.0.0.1')
