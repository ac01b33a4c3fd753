import type { FastifyInstance } from 'fastify'
import type { Language } from '../../model/language.ts'
import type { StatusReport } from '../contract/socket.ts'
import { languageOfRequest } from '../language.ts'

/** `GET /api/status`: what the landing page shows, in the language the browser asks for. */
export function registerStatus(
  app: FastifyInstance,
  report: (language: Language | undefined) => Promise<StatusReport>,
): void {
  app.get('/api/status', async (request, reply) => {
    const status = await report(languageOfRequest(request))
    return reply.header('cache-control', 'no-store').send(status)
  })
}
