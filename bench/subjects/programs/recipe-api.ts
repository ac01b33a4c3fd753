/** The usual recipe's first process: grammY's webhook stores the message in PostgreSQL and adds a job to BullMQ. */
import { createServer } from 'node:http'
import { Queue } from 'bullmq'
import { Bot, webhookCallback } from 'grammy'
import { Redis } from 'ioredis'
import { port, redisUrl, secret, telegram, token } from './arguments.ts'
import { createTables, pool } from './recipe-store.ts'

await createTables()
const queue = new Queue('messages', { connection: new Redis(redisUrl, { maxRetriesPerRequest: null }) })
const bot = new Bot(token, { client: { apiRoot: telegram } })

bot.on('message:text', async ({ update, chat, message }) => {
  const { rowCount } = await pool.query(
    `insert into messages (update_id, chat_id, role, content) values ($1, $2, 'user', $3)
     on conflict (update_id) do nothing`,
    [update.update_id, chat.id, message.text],
  )
  if (rowCount === 0) return
  await queue.add(
    'answer',
    { chat: chat.id },
    {
      attempts: 3,
      backoff: { type: 'exponential', delay: 2000 },
      removeOnComplete: 1000,
      removeOnFail: 5000,
    },
  )
})

const handle = webhookCallback(bot, 'http', { secretToken: secret })
createServer((request, response) => {
  if (request.method === 'POST') void handle(request, response)
  else response.end()
}).listen({ port: Number(port), host: '127.0.0.1', backlog: 4096 })
