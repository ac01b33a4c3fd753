import type { Events } from '../../ops/events.ts'
import type { Coordination } from '../coordination.ts'
import { createRedisAllowances } from './allowances.ts'
import { createRedisBus } from './bus.ts'
import { type Connection, openConnection } from './connection.ts'
import { createRedisCounters } from './counters.ts'
import { createRedisDoorbell } from './doorbell.ts'
import { greet } from './greeting.ts'
import { createSend } from './outgoing.ts'
import { createRun } from './script.ts'

export interface RedisNeeds {
  /** `redis://` or `rediss://`. */
  url: string
  /** In front of every key and channel, so that several installations share a server. */
  prefix: string
  /** Count while Redis is away. */
  alone: Pick<Coordination, 'counters' | 'allowances'>
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
  const run = createRun(send)
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
    const failure = await greet(commands)
    if (failure) events.redisChanged({ connection: 'commands', up: false, reason: failure.message })
  } catch (error) {
    commands.close()
    throw error
  }
  return {
    doorbell,
    bus,
    counters: createRedisCounters({ run, prefix, alone: alone.counters }),
    allowances: createRedisAllowances({ run, prefix, alone: alone.allowances }),
    async check() {
      if (![...connections].every((connection) => connection.isUp())) throw new Error('Redis is away')
      await commands.redis.ping()
    },
    async close() {
      await doorbell.close()
      bus.close()
      // What was rung last leaves before the connection goes.
      await send('ring', () => ['ping']).catch(() => undefined)
      commands.close()
    },
  }
}
