/** What most bots are: grammY's webhook and the SDK of a vendor, as their guides show them; nothing is stored. */
import { createServer } from 'node:http'
import { Bot, webhookCallback } from 'grammy'
import { OpenAI } from 'openai'
import { model, port, secret, telegram, token } from './arguments.ts'

const bot = new Bot(token, { client: { apiRoot: telegram } })
const openai = new OpenAI({ apiKey: 'fake-key', baseURL: `${model}/v1` })

bot.on('message:text', async (context) => {
  const stream = await openai.chat.completions.create({
    model: 'fake',
    stream: true,
    messages: [{ role: 'user', content: context.message.text }],
  })
  let text = ''
  for await (const part of stream) text += part.choices[0]?.delta.content ?? ''
  await context.reply(text)
})

const handle = webhookCallback(bot, 'http', { secretToken: secret })
createServer((request, response) => {
  if (request.method === 'POST') void handle(request, response)
  else response.end()
}).listen({ port: Number(port), host: '127.0.0.1', backlog: 4096 })
