import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestStore, type TestStore } from '../support/stores.ts'

const now = 1_000_000

let place: TestStore
let other: pg.Client
beforeAll(async () => {
  place = await createTestStore('postgres')
  const { options } = place
  if (options.kind !== 'postgres') throw new Error('another database was made')
  other = new pg.Client({ connectionString: options.url })
  await other.connect()
})
afterAll(async () => {
  await other.end()
  await place.drop()
})

test('a reply put off while its lane is taken is not sent before its time', async () => {
  const { store } = place
  const to = { channel: 'telegram', account: 'bot', chatId: '1', threadId: '', kind: 'private' } as const
  const { conversationId: id } = await store.write((tx) =>
    tx.outbox.post(to, { text: 'later', buttons: undefined }, 'queued', now),
  )
  await other.query('begin')
  await other.query('update messages set next_at = $1', [now + 60_000])
  const claimed = store.write((tx) => tx.outbox.claim([id], 'a', now, now + 5000))
  await sleep(300)
  await other.query('commit')
  expect(await claimed).toEqual([])
  const due = now + 60_000
  expect(await store.write((tx) => tx.outbox.claim([id], 'b', due, due + 5000))).toHaveLength(1)
})
