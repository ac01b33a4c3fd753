import { connect, type Socket } from 'node:net'
import { readMessages } from './http.ts'

export interface People {
  /** The reply reached this chat: its person writes the next message. */
  heard(chat: string): void
  /** Replies so far. */
  count(): number
  /** Milliseconds from writing to hearing, of the replies since the last call. */
  takeLatencies(): number[]
  close(): void
}

/** `chats` people who each write, wait for the reply and write again, over a few kept connections to the webhook. */
export function startPeople(options: {
  port: number
  chats: number
  connections: number
  secret: string
}): People {
  const sockets = Array.from({ length: options.connections }, () => openConnection(options.port))
  const askedAt = new Map<string, number>()
  let latencies: number[] = []
  let updates = 1000
  let replies = 0
  let closed = false

  function write(chat: string): void {
    if (closed) return
    updates += 1
    askedAt.set(chat, performance.now())
    const body = JSON.stringify({
      update_id: updates,
      message: {
        message_id: updates,
        from: { id: Number(chat), is_bot: false, first_name: 'Ann', language_code: 'en' },
        chat: { id: Number(chat), first_name: 'Ann', type: 'private' },
        date: 1_700_000_000,
        text: `Please tell me something interesting, number ${updates}`,
      },
    })
    sockets[updates % sockets.length]?.write(
      `POST /webhook/telegram HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n` +
        `x-telegram-bot-api-secret-token: ${options.secret}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
  }

  for (let index = 0; index < options.chats; index += 1) write(String(100_000 + index))
  return {
    heard(chat) {
      replies += 1
      latencies.push(performance.now() - (askedAt.get(chat) ?? 0))
      write(chat)
    },
    count: () => replies,
    takeLatencies() {
      const taken = latencies
      latencies = []
      return taken
    },
    close() {
      closed = true
      for (const socket of sockets) socket.destroy()
    },
  }
}

function openConnection(port: number): Socket {
  const socket = connect(port, '127.0.0.1')
  socket.setNoDelay(true)
  readMessages(socket, (head) => {
    if (!head.startsWith('HTTP/1.1 200')) throw new Error(`the webhook answered: ${head.split('\r\n')[0]}`)
  })
  return socket
}
