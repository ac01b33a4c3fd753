import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createTelegramTown, type TelegramTown } from '../support/telegram-app.ts'

const agents = '-1005550001'

let town: TelegramTown
let address: string
beforeAll(async () => {
  town = await createTelegramTown()
  town.bot.group(agents)
  address = (await town.start({ telegram: { agent_group: agents } })).address
})
afterAll(() => town.close())

test("a person's name and words reach the team's group as text that cannot be pressed", async () => {
  const said = '@everyone_here /ban@parley_bot #deal at https://evil.example/x?a=`b`, mail me@evil.example'
  const name = '@boss evil.example'
  const person = town.bot.person('8001', { name })
  person.writes(said)
  await town.bot.waitForSent('8001', 1)
  person.writes('I want to talk to a human')
  const [note] = await town.bot.waitForSent(agents, 1)
  expect(note?.text).toContain(name)
  expect(note?.text).toContain(said)
  expect(note?.found).toEqual([])
  expect(note?.lostFormatting).toEqual([])
})

test('a visitor of the web page who asks in one new session after another is passed on once', async () => {
  const before = town.bot.sentTo(agents).length
  const cookie = (await fetch(`${address}/chat`)).headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const socket = new WebSocket(`${address.replace('http', 'ws')}/ws`, {
    headers: { origin: address, cookie },
  })
  const told: string[] = []
  socket.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as {
      type: string
      messages?: { author: string; text: string }[]
    }
    if (frame.type !== 'messages') return
    for (const { author, text } of frame.messages ?? []) if (author === 'bot') told.push(text)
  })
  await once(socket, 'open')
  for (let count = 1; count <= 3; count += 1) {
    const session = randomUUID()
    socket.send(JSON.stringify({ type: 'open', session, after: 0 }))
    socket.send(JSON.stringify({ type: 'send', session, id: randomUUID(), text: 'talk to a human' }))
    await expect.poll(() => told.length, { timeout: 10_000 }).toBe(count)
  }
  socket.close()
  expect(told[0]).toContain('I have passed a note to the team')
  for (const later of told.slice(1)) expect(later).toContain('has your request already')
  expect(town.bot.sentTo(agents)).toHaveLength(before + 1)
})
