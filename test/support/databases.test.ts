import pg from 'pg'
import { expect, test } from 'vitest'
import { createTestDatabase } from './databases.ts'

test('each database is empty, durable, of its own, and gone after drop', async () => {
  const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()])
  const client = new pg.Client({ connectionString: one.url })
  client.on('error', () => {}) // `drop` cuts this connection
  await client.connect()
  await client.query('CREATE TABLE seen (id int)')
  expect((await client.query('SHOW fsync')).rows).toEqual([{ fsync: 'on' }])
  const second = new pg.Client({ connectionString: other.url })
  await second.connect()
  await expect(second.query('SELECT * FROM seen')).rejects.toThrow('does not exist')
  await second.end()
  await Promise.all([one.drop(), other.drop()])
  await expect(new pg.Client({ connectionString: one.url }).connect()).rejects.toThrow('does not exist')
})
