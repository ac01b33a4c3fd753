/**
 * The least a bot can do, to measure against: webhook in, model asked, reply out; nothing is stored, checked or retried.
 * Arguments: port, origin of the Bot API, origin of the model.
 */
import { createServer } from 'node:http'
import { Pool } from 'undici'

const [port, telegramOrigin = '', modelOrigin = ''] = process.argv.slice(2)
const telegram = new Pool(telegramOrigin, { connections: 50 })
const models = new Pool(modelOrigin, { connections: 50 })
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
}).listen(Number(port), '127.0.0.1')
