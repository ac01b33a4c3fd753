/**
 * The bare loop that promises as much as one table can: the update is a durable row before the 200 and is marked when
 * its answer has left. Commits are grouped: what arrives during one sync shares the next.
 */
import BetterSqlite3 from 'better-sqlite3'
import { databaseUrl, port } from './arguments.ts'
import { answer, type BareUpdate } from './bare-answer.ts'
import { listen } from './receive.ts'

const db = new BetterSqlite3(databaseUrl)
db.pragma('journal_mode = WAL')
db.pragma('synchronous = FULL')
db.exec('create table updates (id integer primary key, chat integer, text text, answered_at integer)')
const insert = db.prepare('insert into updates (id, chat, text) values (?, ?, ?)')
const mark = db.prepare('update updates set answered_at = ? where id = ?')
const begin = db.prepare('begin immediate')
const commit = db.prepare('commit')

let waiting: { work: () => void; done: () => void }[] = []

/** Resolves when the work is on the disk. */
function durably(work: () => void): Promise<void> {
  return new Promise((done) => {
    if (waiting.push({ work, done }) === 1) setImmediate(commitAll)
  })
}

function commitAll(): void {
  const group = waiting
  waiting = []
  begin.run()
  for (const { work } of group) work()
  commit.run()
  for (const { done } of group) done()
}

async function finish(update: BareUpdate): Promise<void> {
  await answer(update)
  await durably(() => mark.run(Date.now(), update.update_id))
}

listen(port, async (update: BareUpdate) => {
  const { update_id: id, message } = update
  await durably(() => insert.run(id, message.chat.id, message.text))
  void finish(update)
})
