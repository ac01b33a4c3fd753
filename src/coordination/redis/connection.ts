import { Redis, type RedisOptions } from 'ioredis'

export interface ConnectionNeeds {
  /** `redis://` or `rediss://`. */
  url: string
  /** What Redis shows in its list of clients. */
  name: string
  /** Longest wait for an answer, in milliseconds: a connection that does not answer is replaced. */
  timeoutMs: number
  /** Told of every change; `reason` of a failure may name hosts. */
  onChange(up: boolean, reason: string): void
}

/** A connection that comes back by itself. While it is away every command fails at once; nothing waits for it. */
export interface Connection {
  readonly redis: Redis
  isUp(): boolean
  /** Resolves when it is up, or closed. */
  untilUp(): Promise<void>
  /** Lets go of a connection that hangs, for a new one. */
  renew(): void
  close(): void
}

const connectTimeoutMs = 5000
/** How long a connection that is let go may take to end, in milliseconds. */
const disconnectTimeoutMs = 200
const firstRetryMs = 50
const longestRetryMs = 2000

export function openConnection(needs: ConnectionNeeds): Connection {
  const redis = new Redis(optionsOf(needs))
  const waiting = new Set<() => void>()
  let up = false
  let closed = false
  let reason = 'not connected yet'
  const wake = (): void => {
    for (const resolve of waiting) resolve()
    waiting.clear()
  }
  const change = (now: boolean): void => {
    if (now !== up) needs.onChange(now, now ? '' : reason)
    up = now
  }
  redis.on('error', (error: Error) => {
    reason = error.message
  })
  redis.on('ready', () => {
    if (closed) return
    change(true)
    reason = 'connection closed'
    wake()
  })
  redis.on('close', () => change(false))
  return {
    redis,
    isUp: () => up,
    untilUp: () => (up || closed ? Promise.resolve() : new Promise((resolve) => waiting.add(resolve))),
    renew() {
      reason = 'no answer in time'
      change(false)
      redis.disconnect(true)
    },
    close() {
      closed = true
      up = false
      redis.removeAllListeners('close')
      redis.disconnect()
      wake()
    },
  }
}

function optionsOf({ url, name, timeoutMs }: ConnectionNeeds): RedisOptions {
  const { protocol, hostname, port, username, password, pathname } = new URL(url)
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || 6379),
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    db: Number(pathname.slice(1) || 0),
    ...(protocol === 'rediss:' ? { tls: {} } : {}),
    connectionName: name,
    connectTimeout: connectTimeoutMs,
    disconnectTimeout: disconnectTimeoutMs,
    commandTimeout: timeoutMs,
    // What cannot be sent now is not kept, and what was under way when the connection broke is not sent again.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    disableClientInfo: true,
    retryStrategy: (times) =>
      Math.min(firstRetryMs * 2 ** Math.min(times, 10), longestRetryMs) * (0.8 + Math.random() * 0.4),
    // After a failover the old primary is a replica: the name may lead to the new one.
    reconnectOnError: ({ message }) => message.startsWith('READONLY'),
  }
}
