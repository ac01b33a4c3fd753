import type { PoolClient, QueryResult } from 'pg'
import type { Session } from '../dialect.ts'
import { isUnavailable } from './errors.ts'
import { createPostgresSession, type Queryable } from './session.ts'

/** Runs `work` in a transaction on a client of its own, which it gives back. */
export async function transact<T>(client: PoolClient, work: (session: Session) => Promise<T>): Promise<T> {
  let usable = true
  // Without a listener a connection that breaks between two statements would end the process.
  const onBroken = (): void => {
    usable = false
  }
  client.on('error', onBroken)
  try {
    return await pipelined(client, work)
  } catch (error) {
    // A connection that gave no answer is in the middle of something: it is dropped, not asked once more.
    if (isUnavailable(error)) onBroken()
    else await client.query('rollback').catch(onBroken)
    throw error
  } finally {
    client.off('error', onBroken)
    client.release(!usable)
  }
}

/**
 * Waits for rows only: what returns none leaves with whatever comes next, and `begin` with the first. The server works in
 * order, and once it refused one statement it refuses all behind it and commits nothing; the first refusal is what is
 * thrown. Was `begin` itself refused, by an operator who cancels it in that instant, what left together with it stands alone, as
 * behind a crash: the sweep goes on from there.
 */
async function pipelined<T>(client: PoolClient, work: (session: Session) => Promise<T>): Promise<T> {
  let refusal: { error: unknown } | undefined
  const ask = async (query: Promise<QueryResult>): Promise<QueryResult> => {
    const result = await query.catch((error: unknown) => {
      refusal ??= { error }
    })
    if (refusal || !result) throw refusal?.error
    return result
  }
  const sent: Promise<unknown>[] = []
  const send = (query: Promise<QueryResult>): void => {
    const asked = ask(query)
    // Whoever waits for the next one is told.
    asked.catch(() => undefined)
    sent.push(asked)
  }
  const statements: Queryable = {
    query: (config) => ask(client.query(config)),
    send: (config) => send(client.query(config)),
  }
  send(client.query('begin'))
  const result = await work(createPostgresSession(statements))
  const end = await ask(client.query('commit'))
  await Promise.all(sent)
  if (end.command !== 'COMMIT') throw new Error('a transaction was rolled back without a word')
  return result
}
