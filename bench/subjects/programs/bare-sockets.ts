/**
 * The least a chat over sockets can do, to measure against: it speaks Parley's frames, keeps nothing, and passes on each
 * piece of the model's answer as it comes.
 */
import { createServer } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import { port } from './arguments.ts'
import { streamAnswer } from './bare-answer.ts'

const server = createServer((_request, response) => {
  response.setHeader('set-cookie', 'visitor=1; Path=/')
  response.end()
})

new WebSocketServer({ server, path: '/ws' }).on('connection', (socket) => {
  send(socket, { type: 'hello' })
  socket.on('message', (bytes: Buffer) => void handle(socket, JSON.parse(bytes.toString())))
})

interface Frame {
  type: string
  session: string
  id: string
  text: string
}

async function handle(socket: WebSocket, { type, session, id, text }: Frame): Promise<void> {
  if (type === 'open')
    return send(socket, { type: 'opened', session, messages: [], more: false, reset: true })
  if (type !== 'send') return
  send(socket, { type: 'accepted', session, id, seq: 1 })
  let whole = ''
  for await (const piece of streamAnswer(text)) {
    whole += piece
    send(socket, { type: 'preview', session, turn: id, attempt: 1, text: whole })
  }
  send(socket, {
    type: 'messages',
    session,
    messages: [{ seq: 2, author: 'bot', text: whole, at: Date.now() }],
  })
}

const send = (socket: WebSocket, frame: object): void => socket.send(JSON.stringify(frame))

server.listen({ port: Number(port), host: '127.0.0.1', backlog: 4096 })
