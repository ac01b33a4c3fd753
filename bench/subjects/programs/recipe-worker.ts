/** The usual recipe's second process: a BullMQ worker reads the history, asks the model, stores the reply and sends it. */
import { createServer } from 'node:http'
import { Worker } from 'bullmq'
import { Api } from 'grammy'
import { Redis } from 'ioredis'
import { model, port, redisUrl, telegram, token } from './arguments.ts'
import { historyOf, pool, type Row } from './recipe-store.ts'

const api = new Api(token, { apiRoot: telegram })

async function ask(messages: Row[]): Promise<string> {
  const response = await fetch(`${model}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer fake-key' },
    body: JSON.stringify({ model: 'fake', stream: true, messages }),
  })
  if (!response.body) throw new Error('the model did not answer')
  let rest = ''
  let text = ''
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const events = (rest + chunk).split('\n\n')
    rest = events.pop() ?? ''
    for (const event of events) {
      if (event.startsWith('data: {')) text += JSON.parse(event.slice(6)).choices[0]?.delta.content ?? ''
    }
  }
  return text
}

const worker = new Worker<{ chat: number }>(
  'messages',
  async ({ data: { chat } }) => {
    const text = await ask(await historyOf(chat))
    await pool.query(`insert into messages (chat_id, role, content) values ($1, 'assistant', $2)`, [
      chat,
      text,
    ])
    await api.sendMessage(chat, text)
  },
  { connection: new Redis(redisUrl, { maxRetriesPerRequest: null }), concurrency: 50 },
)
await worker.waitUntilReady()

createServer((_request, response) => response.end()).listen(Number(port), '127.0.0.1')
