import { createServer } from 'node:http'
import { secret } from './arguments.ts'

/** A webhook of nothing but Node: 200 when `take` has resolved. */
export function listen<U>(port: string, take: (update: U) => Promise<void>): void {
  createServer((request, response) => {
    if (request.headers['x-telegram-bot-api-secret-token'] !== secret) return void response.end()
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      void take(JSON.parse(Buffer.concat(chunks).toString())).then(() => response.end())
    })
  }).listen({ port: Number(port), host: '127.0.0.1', backlog: 4096 })
}
