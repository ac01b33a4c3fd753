import { ParleyError } from '../../model/errors.ts'
import type { Connection } from './connection.ts'

/** What is no passing fault: another server, or another password, is needed. */
const refusal = /\b(NOAUTH|WRONGPASS|NOPERM|ERR invalid password|ERR AUTH)\b/
/** The first with BZMPOP. */
const oldestMajor = 7

/**
 * Waits for a new connection; resolves with why it does not stand (yet). Throws `CONFIG_INVALID` when Redis refuses us or is
 * too old.
 */
export async function greet(connection: Connection): Promise<Error | undefined> {
  const failure = await new Promise<Error | undefined>((resolve) => {
    connection.redis.once('ready', () => resolve(undefined))
    connection.redis.once('error', resolve)
  })
  if (failure && refusal.test(failure.message)) {
    throw new ParleyError('CONFIG_INVALID', `REDIS_URL: Redis refuses us: ${failure.message}`)
  }
  if (failure) return failure
  const version = (await serverInfo(connection)).get('redis_version')
  if (version === undefined || Number.parseInt(version, 10) >= oldestMajor) return undefined
  throw new ParleyError(
    'CONFIG_INVALID',
    `REDIS_URL: found Redis ${version}; expected ${oldestMajor}.0 or newer, which has BZMPOP`,
  )
}

/** What the server says of itself; empty where we may not ask. Valkey names the Redis it stands in for. */
export async function serverInfo({ redis }: Connection): Promise<ReadonlyMap<string, string>> {
  const text = await redis.info().catch(() => '')
  return new Map([...text.matchAll(/^(\w+):(.*?)\r?$/gm)].map((line) => [line[1] ?? '', line[2] ?? '']))
}
