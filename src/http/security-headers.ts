import type { IncomingMessage, ServerResponse } from 'node:http'
import helmet from 'helmet'

/** Pages load their own files and nothing else (https://www.w3.org/TR/CSP3/). */
const contentPolicy = {
  defaultSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
}

/** What helmet sets on every response. It is the same each time, and putting it together costs more than an answer does. */
export const securityHeaders: Readonly<Record<string, string>> = collect()

function collect(): Record<string, string> {
  const headers: Record<string, string> = {}
  const response = {
    setHeader: (name: string, value: string) => void (headers[name.toLowerCase()] = value),
    removeHeader: () => undefined,
  }
  const set = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: contentPolicy },
    strictTransportSecurity: false,
  })
  set({} as IncomingMessage, response as unknown as ServerResponse, () => undefined)
  return headers
}
