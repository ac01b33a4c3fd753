import type { WebSocket, WebSocketServer } from 'ws'

/** Each socket is pinged this often and must answer before the next time, in milliseconds. */
const pingEveryMs = 30_000
/** Sockets are pinged in as many groups, one after the other: ten thousand at one moment would hold up the rest. */
const groupCount = 300

/**
 * Ends sockets whose other side is gone or reads nothing: browsers answer a ping by themselves (RFC 6455 §5.5.2), after
 * everything that was sent before it. One timer serves all sockets.
 */
export function keepAlive(server: WebSocketServer, everyMs: number = pingEveryMs): void {
  const groups = Array.from({ length: groupCount }, () => new Set<WebSocket>())
  const silent = new WeakSet<WebSocket>()
  let opened = 0
  let turn = 0

  function ask(socket: WebSocket): void {
    if (silent.has(socket)) return socket.terminate()
    silent.add(socket)
    if (socket.readyState === socket.OPEN) socket.ping()
  }

  server.on('connection', (socket) => {
    const group = groups[opened++ % groupCount]
    group?.add(socket)
    socket.on('pong', () => silent.delete(socket))
    socket.on('close', () => group?.delete(socket))
  })
  const timer = setInterval(() => groups[turn++ % groupCount]?.forEach(ask), everyMs / groupCount)
  timer.unref()
  server.on('close', () => clearInterval(timer))
}
