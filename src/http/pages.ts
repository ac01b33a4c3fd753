import { existsSync, readdirSync } from 'node:fs'
import { join, sep } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyError, FastifyInstance } from 'fastify'
import { ParleyError } from '../model/errors.ts'
import { registerNotFound } from './not-found.ts'
import { translatedPage } from './translated.ts'
import { keepVisitor } from './visitor.ts'

/** Hashed file names never change their content. */
const assetMaxAgeMs = 365 * 24 * 3600 * 1000

/** The paths of the files that never change: browsers ask for each once. */
export const assetPaths = (folder: string): ReadonlySet<string> =>
  new Set(readdirSync(join(folder, 'assets')).map((name) => `/assets/${name}`))

/** The built pages in `folder`: `/`, `/chat`, what they load, and what is shown for any other address. */
export async function registerPages(app: FastifyInstance, folder: string): Promise<void> {
  if (!existsSync(join(folder, 'index.html'))) {
    throw new ParleyError(
      'NOT_FOUND',
      `The web pages are not built: ${folder} has no index.html. Run: npm run build:web`,
    )
  }
  await app.register(async (scope) => {
    const answerTooMany = translatedPage(join(folder, 'too-many'))
    scope.setErrorHandler<FastifyError | ParleyError>((error, request, reply) => {
      if (error instanceof ParleyError && error.code === 'RATE_LIMITED') {
        reply.status(error.status).header('retry-after', Math.ceil((error.retryAfterMs ?? 0) / 1000))
        if (answerTooMany(request, reply)) return
      }
      // What is refused is no file's address: that of a folder, or one with two slashes.
      if (error instanceof ParleyError || error.statusCode !== 403) throw error
      reply.callNotFound()
    })
    await servePages(scope, folder)
  })
  registerNotFound(app, join(folder, 'not-found'))
}

async function servePages(app: FastifyInstance, folder: string): Promise<void> {
  const assets = join(folder, 'assets') + sep
  await app.register(fastifyStatic, {
    root: folder,
    index: false,
    cacheControl: false,
    setHeaders: (reply, path) => {
      // A page has its own.
      if (reply.hasHeader('cache-control')) return
      const hashed = path.startsWith(assets)
      reply.header(
        'cache-control',
        hashed ? `public, max-age=${assetMaxAgeMs / 1000}, immutable` : 'no-cache',
      )
    },
  })
  const page = (url: string, file: string): void => {
    app.get(url, (request, reply) => {
      keepVisitor(request, reply)
      reply.header('cache-control', 'private, no-cache')
      return reply.sendFile(file)
    })
  }
  page('/', 'index.html')
  page('/chat', 'chat/index.html')
  page('/chat/', 'chat/index.html')
}
