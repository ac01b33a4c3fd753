import type { FastifyInstance } from 'fastify'
import { ParleyError } from '../model/errors.ts'
import { limited, localAddress, runningAt } from './running.ts'

/** Listens and returns the address; throws `ADDRESS_UNAVAILABLE` naming what to change. */
export async function listen(server: FastifyInstance, at: { host: string; port: number }): Promise<string> {
  try {
    return await server.listen({ host: at.host, port: at.port })
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    const place = `${at.host}:${at.port}`
    const other = code === 'EADDRINUSE' ? await runningAt(localAddress(at.host, at.port)) : undefined
    const taken =
      other === undefined
        ? 'Another program listens'
        : `Parley${other === limited ? '' : ` ${other.version}`} runs already`
    const hints: Record<string, string> = {
      EADDRINUSE: `${taken} on ${place}: stop it, or set PORT to a free one.`,
      EACCES: `This user may not listen on ${place}: set PORT to one above 1023.`,
      EADDRNOTAVAIL: `This machine has no address ${at.host}: set HOST to one it has, or to 0.0.0.0.`,
    }
    throw new ParleyError('ADDRESS_UNAVAILABLE', hints[code] ?? `Cannot listen on ${place} (${code}).`, {
      cause,
    })
  }
}
