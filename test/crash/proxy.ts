import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A loopback TCP proxy with a port of its own that stays, in front of servers that come and go. */
export interface Proxy {
  readonly port: number
  /** Breaks what is open now: in good form, or by a reset. */
  cut(how: 'end' | 'reset'): void
  /** From now on bytes take this long each way, in milliseconds. */
  slow(ms: number): void
  /** Nothing passes and nothing is refused, as behind a dead switch. */
  hole(on: boolean): void
  /** Every new connection is refused. */
  refuse(on: boolean): void
  close(): Promise<void>
}

/** `targets`: the ports of this moment; connections go to each in turn, or to the next that takes them. */
export async function startProxy(targets: () => readonly number[]): Promise<Proxy> {
  const state = { ms: 0, holed: false, refusing: false }
  const open = new Set<Socket>()
  let turn = 0

  function keep(socket: Socket): void {
    open.add(socket)
    socket.setNoDelay(true)
    // What broke is closed; `close` tells the other side.
    socket.on('error', () => socket.destroy())
    socket.on('close', () => open.delete(socket))
    if (state.holed) socket.pause()
  }

  async function serve(near: Socket): Promise<void> {
    keep(near)
    near.pause()
    const ports = targets()
    turn += 1
    const far = await firstThatTakes(ports.map((_, index) => ports[(index + turn) % ports.length] ?? 0))
    if (!far || near.destroyed) {
      far?.destroy()
      near.destroy()
      return
    }
    keep(far)
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
    pass(near, far, state)
    pass(far, near, state)
    if (!state.holed) near.resume()
  }

  const server = createServer((near) => {
    if (state.refusing) near.resetAndDestroy()
    else void serve(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.')
  const cut = (how: 'end' | 'reset'): void => {
    for (const socket of open) {
      if (how === 'reset') socket.resetAndDestroy()
      else socket.destroy()
    }
  }
  return {
    port: address.port,
    cut,
    slow(ms) {
      state.ms = ms
    },
    hole(on) {
      state.holed = on
      for (const socket of open) {
        if (on) socket.pause()
        else socket.resume()
      }
    },
    refuse(on) {
      state.refusing = on
    },
    async close() {
      cut('reset')
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function firstThatTakes(ports: readonly number[]): Promise<Socket | undefined> {
  for (const port of ports) {
    const far = connect({ port, host: '127.0.0.1' })
    const taken = await new Promise<boolean>((resolve) => {
      far.once('connect', () => resolve(true))
      far.once('error', () => resolve(false))
    })
    if (taken) return far
    far.destroy()
  }
  return undefined
}

/** Forwards bytes in order, each as late as the proxy is slow when they arrive. */
function pass(from: Socket, to: Socket, state: { ms: number }): void {
  const late: { due: number; bytes: Buffer }[] = []

  function release(): void {
    for (; late[0] && late[0].due <= performance.now(); late.shift())
      if (!to.destroyed) to.write(late[0].bytes)
    if (late[0]) setTimeout(release, Math.max(0, late[0].due - performance.now()))
  }

  from.on('data', (bytes: Buffer) => {
    if (state.ms === 0 && late.length === 0) return void to.write(bytes)
    late.push({ due: Math.max(performance.now() + state.ms, late.at(-1)?.due ?? 0), bytes })
    if (late.length === 1) setTimeout(release, state.ms)
  })
}
