import { randomInt, randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { bootApp, type TestApp } from '../support/app.ts'
import { cookieOf, type Frame } from '../support/page.ts'

let running: TestApp
let origin: string
beforeAll(async () => {
  running = await bootApp({})
  origin = running.app.address
})
afterAll(() => running.close())

const wanted = 10_000
/** A socket is closed for the sixth malformed frame. */
const eachSocket = 5
const atOnce = 20

const [session, id] = [randomUUID(), randomUUID()]
const valid = fc.constantFrom<Frame>(
  { type: 'open', session, after: 0 },
  { type: 'send', session, id, text: 'What does it cost?' },
  { type: 'press', session, id, seq: 0, action: 'cmd:help' },
  { type: 'history', session, before: 3 },
  { type: 'sessions' },
  { type: 'ping' },
)

const oddity = fc.oneof(
  fc.constantFrom<unknown>(null, true, -1, 0.5, 1e99, '', [], {}, ['open'], 'x'.repeat(3000), '../etc'),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.jsonValue({ maxDepth: 3 }),
)

/** One field is gone, odd, or one too many. */
const wrongField = fc
  .tuple(valid, fc.constantFrom('type', 'session', 'id', 'text', 'after', '__proto__'), oddity, fc.boolean())
  .map(([frame, field, value, isGone]) => {
    const entries = Object.entries(frame).filter(([name]) => name !== field)
    const odd = `${JSON.stringify(field)}:${JSON.stringify(value)}`
    const fields = entries.map(([name, kept]) => `${JSON.stringify(name)}:${JSON.stringify(kept)}`)
    return `{${[...fields, ...(isGone ? [] : [odd])].join(',')}}`
  })

/** Some of the text is lost, doubled or replaced. */
const wrongText = fc
  .tuple(
    valid,
    fc.nat(200),
    fc.nat(40),
    fc.oneof(fc.string({ unit: 'binary', maxLength: 9 }), fc.constant(null)),
  )
  .map(([frame, place, length, put]) => {
    const text = JSON.stringify(frame)
    const from = place % text.length
    const piece = text.slice(from, from + length)
    return text.slice(0, from) + (put ?? piece + piece) + text.slice(from + length)
  })

const noise = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.nat(5000).map((depth) => '['.repeat(depth)),
  fc.json(),
)

const mutated = fc.oneof(
  { weight: 4, arbitrary: wrongField },
  { weight: 4, arbitrary: wrongText },
  { weight: 1, arbitrary: noise },
)

/** Every frame that was parsed gets one of these, a malformed one an error. */
const answers = ['error', 'opened', 'accepted', 'history', 'sessions', 'pong']

/** Sends the frames over a socket of their own, and then a ping; resolves with their answers. */
function ask(frames: string[], headers: Record<string, string>): Promise<Frame[]> {
  const { promise, resolve, reject } = Promise.withResolvers<Frame[]>()
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/ws`, { headers })
  const found: Frame[] = []
  socket.on('error', reject)
  socket.on('close', () => resolve(found))
  socket.on('message', (data) => {
    const frame = JSON.parse((data as Buffer).toString())
    if (frame.type === 'hello') for (const one of [...frames, '{"type":"ping"}']) socket.send(one)
    if (answers.includes(frame.type)) found.push(frame)
    if (found.length > frames.length) socket.close()
  })
  return promise
}

test('ten thousand mutated frames are parsed and answered one by one, and the server is well', async () => {
  const seed = randomInt(2 ** 31)
  const frames = fc.sample(mutated, { numRuns: wanted, seed })
  const headers = { origin, cookie: await cookieOf(origin) }
  let parsed = 0
  let refused = 0
  for (let start = 0; start < wanted; start += eachSocket * atOnce) {
    const asked = Array.from({ length: atOnce }, (_, nth) => {
      const from = start + nth * eachSocket
      return ask(frames.slice(from, from + eachSocket), headers)
    })
    for (const found of await Promise.all(asked)) {
      expect(
        found.filter(({ code }) => code === 'INTERNAL'),
        `seed ${seed}`,
      ).toEqual([])
      // The answer to the ping proves the socket open after all of them.
      parsed += found.length - 1
      refused += found.filter(({ code }) => code === 'REQUEST_INVALID').length
    }
  }
  process.stdout.write(`mutated frames: ${parsed} parsed, ${refused} of them refused\n`)
  expect(parsed, `seed ${seed}`).toBe(wanted)
  expect(refused, `seed ${seed}`).toBeGreaterThan(wanted / 2)
  expect((await fetch(`${origin}/health`)).status).toBe(200)
})
