import { openConnection } from './connection.ts'
import { greet, serverInfo } from './greeting.ts'

/** What an operator wants to know of a Redis. */
export interface RedisFindings {
  /** `undefined` where we may not ask. */
  version: string | undefined
  /** What Redis does when its memory is full; `noeviction` is right. */
  evictionPolicy: string | undefined
  /** The quickest of several questions and answers, in milliseconds: how far away it is, however busy we are. */
  latencyMs: number
}

const timeoutMs = 3000
const pings = 9

/** Asks a Redis about itself; throws when it cannot be reached, refuses us or is too old. */
export async function examineRedis(url: string): Promise<RedisFindings> {
  const connection = openConnection({ url, name: 'parley-doctor', timeoutMs, onChange: () => undefined })
  try {
    const failure = await greet(connection)
    if (failure) throw failure
    const info = await serverInfo(connection)
    return {
      version: info.get('redis_version'),
      evictionPolicy: info.get('maxmemory_policy'),
      latencyMs: await latencyOf(() => connection.redis.ping()),
    }
  } finally {
    connection.close()
  }
}

async function latencyOf(ask: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let ping = 0; ping < pings; ping += 1) {
    const began = performance.now()
    await ask()
    times.push(performance.now() - began)
  }
  return Math.min(...times)
}
