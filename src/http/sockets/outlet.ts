import type { WebSocket } from 'ws'
import type { ServerFrame } from '../contract/socket.ts'

/** What leaves through one socket, at the pace of its reader. */
export interface Outlet {
  /** A preview or a sign of typing is left out while much is unread: the next one, or the message, says more. */
  send(frame: ServerFrame): void
  /**
   * Resolves when little is unread, or the socket is gone. Whoever waits for it before a large frame holds at most
   * that frame in memory for this socket, however slow the reader is; one that never reads is ended by its ping.
   */
  room(): Promise<void>
}

/** How much may wait to be read before a socket counts as full, in bytes. */
const fullBytes = 65_536

export function createOutlet(socket: WebSocket): Outlet {
  const waiting = new Set<() => void>()
  const isFull = (): boolean => socket.readyState === socket.OPEN && socket.bufferedAmount > fullBytes

  function release(): void {
    if (isFull()) return
    for (const go of waiting) go()
    waiting.clear()
  }

  socket.on('close', release)
  return {
    send(frame) {
      if (socket.readyState !== socket.OPEN) return
      if ((frame.type === 'preview' || frame.type === 'typing') && isFull()) return
      // Called back when the frame has left this process.
      socket.send(JSON.stringify(frame), release)
    },
    room: () => (isFull() ? new Promise((resolve) => waiting.add(resolve)) : Promise.resolve()),
  }
}
