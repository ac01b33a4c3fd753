import { connect, type Socket } from 'node:net'
import { readMessages } from './http.ts'

export interface Webhook {
  /** Delivers an update as soon as a connection is free; calls back with the status of the answer and its head. */
  post(body: string, answered?: Answered): void
  /** Updates that wait for a connection. */
  waiting(): number
  /** Connections with nothing under way. */
  free(): number
  close(): void
}

/** As many as Telegram opens when nothing else is asked for (https://core.telegram.org/bots/api#setwebhook). */
const usualConnections = 40

type Answered = (status: number, head: string) => void

interface Line {
  port: number
  socket: Socket
  answered: Answered | undefined
}

/**
 * Telegram's side of a webhook: some kept connections, one update under way on each, so that a slow answer holds back
 * what comes next. Updates are spread over the ports, when there is more than one.
 */
export function openWebhook(
  ports: readonly number[],
  secret: string,
  connections = usualConnections,
): Webhook {
  const queue: { body: string; answered: Answered | undefined }[] = []
  const free: Line[] = []
  const lines = Array.from({ length: connections }, (_, index) => openLine(ports[index % ports.length] ?? 0))
  let closed = false

  function openLine(port: number): Line {
    const line: Line = { port, socket: connect(port, '127.0.0.1'), answered: undefined }
    free.push(line)
    return listen(line)
  }

  function listen(line: Line): Line {
    line.socket.setNoDelay(true)
    line.socket.on('error', () => undefined)
    readMessages(line.socket, (head) => {
      const { answered } = line
      const next = queue.shift()
      if (next) send(line, next.body, next.answered)
      else free.push(line)
      answered?.(Number(head.slice(9, 12)), head)
    })
    return line
  }

  function send(line: Line, body: string, answered: Answered | undefined): void {
    if (line.socket.closed) {
      // Servers end connections that were idle for long.
      line.socket = connect(line.port, '127.0.0.1')
      listen(line)
    }
    line.answered = answered
    line.socket.write(
      `POST /webhook/telegram HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n` +
        `x-telegram-bot-api-secret-token: ${secret}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
  }

  return {
    post(body, answered) {
      if (closed) return
      const line = free.shift()
      if (line) send(line, body, answered)
      else queue.push({ body, answered })
    },
    waiting: () => queue.length,
    free: () => free.length,
    close() {
      closed = true
      for (const { socket } of lines) socket.destroy()
    },
  }
}
