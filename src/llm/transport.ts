import { type Dispatcher, Pool } from 'undici'

/** A POST of JSON. */
export interface Post {
  origin: string
  path: string
  headers: Record<string, string>
  body: string
  /** How long the caller bears silence, in milliseconds; it hangs up by itself. */
  silenceMs: number
}

/** Connections to the providers, kept open between calls; all models of a process share one. */
export interface Transport {
  /** Sends; the handler is told of everything else. Redirects are not followed. Throws after `close`. */
  post(post: Post, handler: Dispatcher.DispatchHandler): void
  /** Closes every connection; a call still under way fails. */
  close(): Promise<void>
}

/**
 * `connections` per provider at most, further calls queue. An idle connection is kept for half a minute, or as long as
 * the provider says: less than the load balancers in front of them do. One whose answer is over for the caller, but not
 * for the provider, is closed when it is silent for `idleMs` longer than the caller would have borne.
 */
export function createTransport(
  options: { connections?: number; connectMs?: number; idleMs?: number } = {},
): Transport {
  const { connections = 1024, connectMs = 5_000, idleMs = 30_000 } = options
  const pools = new Map<string, Pool>()
  let closed = false
  const poolOf = (origin: string): Pool => {
    if (closed) throw new Error('The connections to the models are closed.')
    const known = pools.get(origin)
    if (known) return known
    const pool = new Pool(origin, {
      connections,
      keepAliveTimeout: 30_000,
      connectTimeout: connectMs,
      allowH2: false,
    })
    pools.set(origin, pool)
    return pool
  }
  return {
    post: ({ origin, path, headers, body, silenceMs }, handler) => {
      const bodyTimeout = silenceMs + idleMs
      poolOf(origin).dispatch(
        { path, method: 'POST', headers, body, headersTimeout: 0, bodyTimeout },
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
