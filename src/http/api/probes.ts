import type { FastifyInstance, FastifyReply } from 'fastify'
import { type ProbeResult, statusCode } from '../../ops/probes.ts'

export interface ProbeNeeds {
  /** Database, channels and what else must work to be useful. */
  health(): Promise<ProbeResult>
  /** Whether this process takes work now: its own health, and it is neither starting nor stopping. */
  ready(): Promise<ProbeResult>
}

/** `/livez` (the process answers), `/readyz` (it takes work), `/health` (what of it works). */
export function registerProbes(app: FastifyInstance, { health, ready }: ProbeNeeds): void {
  const answer = (reply: FastifyReply, result: ProbeResult): FastifyReply =>
    reply.status(statusCode(result)).header('cache-control', 'no-store').send(result)
  app.get('/livez', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_, reply) => answer(reply, await ready()))
  app.get('/health', async (_, reply) => answer(reply, await health()))
}
