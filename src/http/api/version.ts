import type { FastifyInstance } from 'fastify'
import type { VersionReport } from '../contract/socket.ts'

/** `GET /api/version`: what is running. */
export function registerVersion(app: FastifyInstance, report: () => VersionReport): void {
  app.get('/api/version', async () => report())
}
