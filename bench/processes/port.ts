import { createServer } from 'node:net'

/** A port of loopback nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const probe = createServer().once('error', reject)
  probe.listen(0, '127.0.0.1', () => {
    const address = probe.address()
    const port = typeof address === 'object' && address ? address.port : 0
    probe.close(() => resolve(port))
  })
  return promise
}

/** Resolves when `probe` does; throws with `what` after `ms`. */
export async function until(what: string, ms: number, probe: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + ms; Date.now() < end; ) {
    if (await probe()) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error(`${what} within ${ms / 1000} s`)
}
