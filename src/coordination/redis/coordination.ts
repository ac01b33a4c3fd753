import { ParleyError } from '../../model/errors.ts'
import type { Events } from '../../ops/events.ts'
import type { Coordination, Counters } from '../coordination.ts'
import { createRedisBus } from './bus.ts'
import { type Connection, openConnection } from './connection.ts'
import { createRedisCounters } from './counters.ts'
import { createRedisDoorbell } from './doorbell.ts'
import { createSend } from './outgoing.ts'

export interface RedisNeeds {
  /** `redis://` or `rediss://`. */
  url: string
  /** In front of every key and channel, so that several installations share a server. */
  prefix: string
  /** Counts while Redis is away. */
  alone: Counters
  events: Pick<Events, 'redisAsked' | 'redisChanged' | 'faulted'>
}

/** Longest wait for an answer, in milliseconds. */
const timeoutMs = 2000

/**
 * Coordination of many processes. Starts also while Redis is away, and goes on when it comes; throws `CONFIG_INVALID` when
 * Redis refuses us or is too old.
 */
export async function createRedisCoordination(needs: RedisNeeds): Promise<Coordination> {
  const { url, prefix, alone, events } = needs
  const connections = new Set<Connection>()
  const open = (name: string, ms: number, onChange: (up: boolean) => void): Connection => {
    const connection = openConnection({
      url,
      name: `${prefix}-${name}`,
      timeoutMs: ms,
      onChange(up, reason) {
        events.redisChanged({ connection: name, up, reason })
        onChange(up)
      },
    })
    connections.add(connection)
    return connection
  }
  const commands = open('commands', timeoutMs, (up) => {
    if (up) bus.sendingAgain()
  })
  const send = createSend(commands, events)
  const bus = createRedisBus({
    send,
    prefix,
    events,
    open: (name, onChange) => open(name, timeoutMs, onChange),
  })
  const doorbell = createRedisDoorbell({
    send,
    prefix,
    events,
    open: (name, ms) => open(name, ms, () => undefined),
  })
  try {
    await greet(commands, events)
  } catch (error) {
    commands.close()
    throw error
  }
  return {
    doorbell,
    bus,
    counters: createRedisCounters({ send, prefix, alone }),
    async check() {
      if (![...connections].every((connection) => connection.isUp())) throw new Error('Redis is away')
      await commands.redis.ping()
    },
    async close() {
      await doorbell.close()
      bus.close()
      // What was rung last leaves before the connection goes.
      await commands.redis.ping().catch(() => undefined)
      commands.close()
    },
  }
}

/** What is no passing fault: another server, or another password, is needed. */
const refusal = /\b(NOAUTH|WRONGPASS|NOPERM|ERR invalid password|ERR AUTH)\b/
const oldest = 7

async function greet({ redis }: Connection, events: RedisNeeds['events']): Promise<void> {
  const failure = await new Promise<Error | undefined>((resolve) => {
    redis.once('ready', () => resolve(undefined))
    redis.once('error', resolve)
  })
  if (failure && refusal.test(failure.message)) {
    throw new ParleyError(
      'CONFIG_INVALID',
      `REDIS_URL: Redis refuses its user or password: ${failure.message}`,
    )
  }
  if (failure) return events.redisChanged({ connection: 'commands', up: false, reason: failure.message })
  const version = await versionOf(redis)
  if (version === undefined || Number.parseInt(version, 10) >= oldest) return
  throw new ParleyError('CONFIG_INVALID', `REDIS_URL: found Redis ${version}; expected ${oldest}.0 or newer.`)
}

/** As the server calls itself; `undefined` where we may not ask. Valkey names the Redis it stands in for. */
async function versionOf(redis: Connection['redis']): Promise<string | undefined> {
  const info = await redis.info('server').catch(() => '')
  return /^redis_version:(\S+)/m.exec(info)?.[1]
}
