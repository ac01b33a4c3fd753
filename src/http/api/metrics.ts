import type { FastifyInstance } from 'fastify'
import type { Scrape } from '../../ops/scrape.ts'

/** `/metrics`: the text format of Prometheus. */
export function registerMetrics(app: FastifyInstance, scrape: Scrape): void {
  app.get('/metrics', async (_, reply) => reply.type(scrape.contentType).send(await scrape.page()))
}
