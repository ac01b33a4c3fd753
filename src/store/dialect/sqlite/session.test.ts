import BetterSqlite3 from 'better-sqlite3'
import { expect, test } from 'vitest'
import { newReplies } from '../../message-rows.ts'
import { statement } from '../dialect.ts'
import { createSqliteSession } from './session.ts'

test('what fails when it is prepared is an error of the database, as when it runs', async () => {
  const session = createSqliteSession(new BetterSqlite3(':memory:'))
  const one = statement<Record<string, never>, object>(() => 'select * from nowhere')
  const each = statement<{ some: { id: string }[] }, object>(
    ({ from }) => `delete from nowhere where id = some.id ${from('some', { id: 'text' })}`,
  )
  for (const work of [
    session.all(one, {}),
    session.each(each, { some: [{ id: 'a' }] }),
    session.insert(newReplies, []),
  ])
    await expect(work).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE', status: 503 })
})
