import { type Dispatcher, Pool } from 'undici'

/** A POST of JSON. */
export interface Post {
  origin: string
  path: string
  headers: Record<string, string>
  body: string
}

/** For a connection nobody reads any more; calls keep their own, stricter time. */
const idleMs = 30_000

/** Connections to the providers, kept open between calls; all models of a process share one. */
export interface Transport {
  /** Sends; the handler is told of everything else. Redirects are not followed. Throws after `close`. */
  post(post: Post, handler: Dispatcher.DispatchHandler): void
  /** Closes every connection; a call still under way fails. */
  close(): Promise<void>
}

/**
 * `connections` per provider at most, further calls queue. An idle connection is kept for half a minute, or as long as
 * the provider says: less than the load balancers in front of them do.
 */
export function createTransport(options: { connections?: number; connectMs?: number } = {}): Transport {
  const pools = new Map<string, Pool>()
  let closed = false
  const poolOf = (origin: string): Pool => {
    if (closed) throw new Error('The connections to the models are closed.')
    const known = pools.get(origin)
    if (known) return known
    const pool = new Pool(origin, {
      connections: options.connections ?? 1024,
      keepAliveTimeout: 30_000,
      connectTimeout: options.connectMs ?? 5_000,
      allowH2: false,
    })
    pools.set(origin, pool)
    return pool
  }
  return {
    post: ({ origin, path, headers, body }, handler) => {
      poolOf(origin).dispatch(
        { path, method: 'POST', headers, body, headersTimeout: 0, bodyTimeout: idleMs },
        handler,
      )
    },
    close: async () => {
      closed = true
      const open = [...pools.values()]
      pools.clear()
      await Promise.all(open.map((pool) => pool.destroy()))
    },
  }
}
