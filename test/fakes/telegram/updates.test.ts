import { Agent, type ClientRequest, request } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFakeTelegram, type FakeTelegram, fakeToken } from './telegram.ts'

let fake: FakeTelegram
let agent: Agent
beforeEach(async () => {
  fake = await createFakeTelegram()
  agent = new Agent({ keepAlive: true })
})
afterEach(async () => {
  agent.destroy()
  await fake.stop()
})

const calls = (method: string): ClientRequest => request(`${fake.root}/bot${fakeToken}/${method}`, { agent })

/** Calls and resolves with the status. */
function ask(method: string): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
  calls(method)
    .on('error', reject)
    .on('response', (response) => response.resume().on('end', () => resolve(response.statusCode)))
    .end()
  return promise
}

test('who hung up and asks again at once is no conflict', async () => {
  const { state, until } = fake.bot(fakeToken)
  for (let round = 0; round < 50; round += 1) {
    const hanging = calls('getUpdates?timeout=50')
    hanging.on('error', () => undefined).end()
    // Opens a second connection, so that nothing slows the next call down.
    await Promise.all([until(() => state.poll !== undefined), ask('getMe')])
    hanging.destroy()
    expect(await ask('getUpdates?timeout=0')).toBe(200)
  }
  expect(state.conflicts).toBe(0)
})

test('who still listens is told of the conflict', async () => {
  const { state, until } = fake.bot(fakeToken)
  const hanging = ask('getUpdates?timeout=50')
  await until(() => state.poll !== undefined)
  expect(await ask('getUpdates?timeout=0')).toBe(200)
  expect(await hanging).toBe(409)
  expect(state.conflicts).toBe(1)
})
