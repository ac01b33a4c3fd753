import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { type Language, languages } from '../model/language.ts'
import { prefersPage } from './accept.ts'
import { languageOfRequest } from './language.ts'

/** The language of who speaks none of ours, as on the other pages. */
const standard: Language = 'en'

/** What an unknown address is answered with: people see a page of `folder` in their language, programs get the error. */
export function registerNotFound(app: FastifyInstance, folder: string): void {
  const pages = new Map(
    languages.map((language) => [language, readFileSync(join(folder, `${language}.html`), 'utf8')]),
  )
  app.setNotFoundHandler((request, reply) => {
    reply.status(404).headers({ 'cache-control': 'no-store', vary: 'accept, accept-language' })
    if (prefersPage(request.headers.accept))
      return reply.type('text/html; charset=utf-8').send(pages.get(languageOfRequest(request) ?? standard))
    return reply.send({
      error: {
        code: 'NOT_FOUND',
        message: `There is nothing to ${request.method} at this address. The chat is at /chat.`,
      },
    })
  })
}
