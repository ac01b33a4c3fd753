import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
import { ParleyError } from '../../model/errors.ts'
import type { Language } from '../../model/language.ts'
import type { Clock } from '../../model/time.ts'
import type { Events } from '../../ops/events.ts'
import type { ServerFrame } from '../contract/socket.ts'
import { languageOfRequest } from '../language.ts'
import { type OriginRules, refuseOrigin } from '../origin.ts'
import { visitorOf } from '../visitor.ts'
import { createFrameHandler, type FrameNeeds } from './frames.ts'
import { keepAlive } from './heartbeat.ts'
import { createOutlet } from './outlet.ts'
import { readFrames } from './reading.ts'
import type { SocketRoom } from './room.ts'

export interface SocketNeeds extends Omit<FrameNeeds, 'onError' | 'admit'>, OriginRules {
  events: Events
  clock: Clock
  /** Counts a message of the page behind this request; throws when it sends too many. */
  admit(request: FastifyRequest): Promise<void>
  room: SocketRoom
  hello(language: Language | undefined): Extract<ServerFrame, { type: 'hello' }>
}

/** A close code of our own (RFC 6455 §7.4.2): the page loads itself anew for a cookie. */
const noVisitor = 4401
/** RFC 6455 §7.4.1, as registered by IANA. */
const tryAgainLater = 1013

/** `GET /ws`: the web chat's socket. The plugin `@fastify/websocket` caps the size of a frame. */
export function registerSocket(app: FastifyInstance, needs: SocketNeeds): void {
  keepAlive(app.websocketServer)
  app.get(
    '/ws',
    {
      websocket: true,
      onRequest: async (request) => {
        const reason = refuseOrigin(request, needs)
        if (reason === undefined) return needs.room.check(request.ip)
        needs.events.originRefused({ origin: request.headers.origin ?? '', host: request.host, reason })
        throw new ParleyError('FORBIDDEN', reason, { status: 403 })
      },
    },
    (socket, request) => serve(socket, request, needs),
  )
}

function serve(socket: WebSocket, request: FastifyRequest, needs: SocketNeeds): void {
  const visitor = visitorOf(request)
  if (!visitor) {
    socket.close(noVisitor, 'no visitor cookie: load the page first')
    return
  }
  // Those that were let through at the same moment are counted only now.
  const leave = needs.room.enter(request.ip)
  if (!leave) return socket.close(tryAgainLater, 'too many sockets')
  const { events } = needs
  const language = languageOfRequest(request)
  const outlet = createOutlet(socket)
  const { send } = outlet
  const onError = (err: unknown): void => reportError(err, send, events, request.id)
  const hello = needs.hello(language)
  const greetingButtons = hello.greeting.buttons?.flat() ?? []
  const admit = (): Promise<void> => needs.admit(request)
  const page = { id: visitor, language, greetingButtons }
  const frames = createFrameHandler(page, outlet, { ...needs, admit, onError })
  events.socketOpened()
  socket.on('close', () => {
    events.socketClosed()
    leave()
    frames.close()
  })
  // An oversized or malformed frame closes the socket by itself; nothing else is to be done about it.
  socket.on('error', () => undefined)
  readFrames(socket, {
    events,
    clock: needs.clock,
    send,
    handle: (frame) =>
      frames.handle(frame).catch((err: unknown) => {
        reportError(err, send, events, request.id, 'id' in frame ? frame.id : undefined)
      }),
  })
  send(hello)
}

const retryAfterMs = 1000

function reportError(
  err: unknown,
  send: (frame: ServerFrame) => void,
  events: Events,
  requestId: string,
  id?: string,
): void {
  const about = id === undefined ? {} : { id }
  if (err instanceof ParleyError && err.code !== 'INTERNAL') {
    const again = err.retryAfterMs ?? (err.status === 503 ? retryAfterMs : undefined)
    send({
      type: 'error',
      code: err.code,
      message: err.message,
      ...about,
      ...(again !== undefined && { retryAfterMs: again }),
    })
    return
  }
  events.faulted({ area: 'socket', err, requestId })
  send({ type: 'error', code: 'INTERNAL', message: 'The server could not do that.', ...about, retryAfterMs })
}
