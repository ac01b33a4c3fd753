import type { FastifyRequest } from 'fastify'
import { type Language, languageOfTag } from '../model/language.ts'

/** The first language of `Accept-Language` that we speak (RFC 9110 §12.5.4; browsers list them by preference). */
export function languageOfRequest(request: FastifyRequest): Language | undefined {
  const tags = request.headers['accept-language']?.split(',', 20) ?? []
  return tags
    .map((tag) => languageOfTag(tag.split(';', 1)[0]?.trim()))
    .find((language) => language !== undefined)
}
