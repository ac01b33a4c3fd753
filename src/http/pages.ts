import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { ParleyError } from '../model/errors.ts'
import { registerNotFound } from './not-found.ts'
import { keepVisitor } from './visitor.ts'

/** Hashed file names never change their content. */
const assetMaxAgeMs = 365 * 24 * 3600 * 1000

/** The built pages in `folder`: `/`, `/chat`, what they load, and what is shown for any other address. */
export async function registerPages(app: FastifyInstance, folder: string): Promise<void> {
  if (!existsSync(join(folder, 'index.html'))) {
    throw new ParleyError(
      'NOT_FOUND',
      `The web pages are not built: ${folder} has no index.html. Run: npm run build:web`,
    )
  }
  await app.register(fastifyStatic, {
    root: folder,
    index: false,
    cacheControl: false,
    setHeaders: (reply, path) => {
      const hashed = path.includes('/assets/')
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
  registerNotFound(app, join(folder, 'not-found'))
}
