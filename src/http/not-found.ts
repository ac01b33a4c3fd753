import type { FastifyInstance } from 'fastify'
import { translatedPage } from './translated.ts'

/** What an unknown address is answered with: people see a page of `folder` in their language, programs get the error. */
export function registerNotFound(app: FastifyInstance, folder: string): void {
  const answerWithPage = translatedPage(folder)
  app.setNotFoundHandler((request, reply) => {
    reply.status(404)
    if (answerWithPage(request, reply)) return
    reply.send({
      error: {
        code: 'NOT_FOUND',
        message: `There is nothing to ${request.method} at this address. The chat is at /chat.`,
      },
    })
  })
}
