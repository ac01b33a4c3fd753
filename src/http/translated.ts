import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Language, languages } from '../model/language.ts'
import { prefersPage } from './accept.ts'
import { languageOfRequest } from './language.ts'

/** The language of who speaks none of ours, as on the other pages. */
const standard: Language = 'en'

/** Answers with a page, where one is preferred to data; else it leaves the answer to its caller. */
export type AnswerWithPage = (request: FastifyRequest, reply: FastifyReply) => boolean

/** Reads `folder`, which has a page for each language: `en.html`. What is answered is kept by nobody. */
export function translatedPage(folder: string): AnswerWithPage {
  const pages = new Map(
    languages.map((language) => [language, readFileSync(join(folder, `${language}.html`), 'utf8')]),
  )
  return (request, reply) => {
    reply.headers({ 'cache-control': 'no-store', vary: 'accept, accept-language' })
    if (!prefersPage(request.headers.accept)) return false
    reply.type('text/html; charset=utf-8').send(pages.get(languageOfRequest(request) ?? standard))
    return true
  }
}
