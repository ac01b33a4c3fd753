import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Counters } from '../coordination/coordination.ts'
import { ParleyError } from '../model/errors.ts'
import type { Events } from '../ops/events.ts'
import { networkOf } from './address.ts'

export interface AddressLimitNeeds {
  counters: Counters
  /** Requests in a minute, now. */
  perMinute: () => number
  events: Pick<Events, 'rateLimited' | 'proxyUntrusted'>
  /** Whether `X-Forwarded-For` is believed. */
  trustProxy: boolean
}

/** What one address may ask of us. */
export interface AddressLimit {
  /** Counts a request; throws `RATE_LIMITED` (429) when there were too many. */
  count(request: FastifyRequest): Promise<void>
}

const minuteMs = 60_000

export function createAddressLimit(needs: AddressLimitNeeds): AddressLimit {
  const { counters, perMinute, events, trustProxy } = needs
  return {
    async count({ ip, headers }) {
      const { allowed, retryAfterMs } = await counters.hit(`address:${networkOf(ip)}`, perMinute(), minuteMs)
      if (allowed) return
      events.rateLimited({ userType: 'anonymous' })
      // Then all the world has one address: that of a proxy.
      if (!trustProxy && headers['x-forwarded-for'] !== undefined) events.proxyUntrusted()
      const seconds = Math.ceil(retryAfterMs / 1000)
      throw new ParleyError(
        'RATE_LIMITED',
        `Too many requests from this address. Come back in ${seconds} s.`,
        { status: 429, retryAfterMs },
      )
    },
  }
}

/**
 * Counts every request but those whose route or path is exempt. Exempt is what is asked for often by those who watch over
 * us, what costs nothing, and what has a limit of its own.
 */
export function registerAddressLimit(
  app: FastifyInstance,
  limit: AddressLimit,
  exempt: { routes: ReadonlySet<string>; paths: ReadonlySet<string> },
): void {
  app.addHook('onRequest', async (request) => {
    const { url: route } = request.routeOptions
    if (route !== undefined && exempt.routes.has(route)) return
    const [path = ''] = request.url.split('?', 1)
    if (exempt.paths.has(path)) return
    await limit.count(request)
  })
}
