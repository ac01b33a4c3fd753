import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { RawData, WebSocket } from 'ws'
import { ParleyError } from '../../model/errors.ts'
import type { Language } from '../../model/language.ts'
import type { Clock } from '../../model/time.ts'
import type { Events } from '../../ops/events.ts'
import { clientFrame, type ServerFrame } from '../contract/socket.ts'
import { createFrameLimit } from '../frame-limit.ts'
import { languageOfRequest } from '../language.ts'
import { isAllowedOrigin } from '../origin.ts'
import { visitorOf } from '../visitor.ts'
import { createFrameHandler, type FrameNeeds } from './frames.ts'
import { keepAlive } from './heartbeat.ts'
import { createOutlet } from './outlet.ts'

export interface SocketNeeds extends Omit<FrameNeeds, 'onError'> {
  events: Events
  clock: Clock
  /** Origins besides our own. */
  origins: readonly string[]
  hello(language: Language | undefined): Extract<ServerFrame, { type: 'hello' }>
}

/** Close codes of our own (RFC 6455 §7.4.2): the page loads itself anew for a cookie. */
const noVisitor = 4401
const policyViolation = 1008
const unsupportedData = 1003
const tryAgainLater = 1013

const frameBurst = 40
const framesPerSecond = 10
const mostBadFrames = 5
/** Frames of one socket that may wait for their turn. */
const longestQueue = 100

/** `GET /ws`: the web chat's socket. The plugin `@fastify/websocket` caps the size of a frame. */
export function registerSocket(app: FastifyInstance, needs: SocketNeeds): void {
  keepAlive(app.websocketServer)
  app.get(
    '/ws',
    {
      websocket: true,
      onRequest: async (request) => {
        if (!isAllowedOrigin(request, needs.origins)) {
          throw new ParleyError('FORBIDDEN', 'This origin may not open a socket; add it to web.origins.', {
            status: 403,
          })
        }
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
  const { events } = needs
  const language = languageOfRequest(request)
  const outlet = createOutlet(socket)
  const { send } = outlet
  const onError = (err: unknown): void => reportError(err, send, events, request.id)
  const hello = needs.hello(language)
  const greetingButtons = hello.greeting.buttons?.flat() ?? []
  const frames = createFrameHandler({ id: visitor, language, greetingButtons }, outlet, { ...needs, onError })
  const allowed = createFrameLimit({ burst: frameBurst, perSecond: framesPerSecond, clock: needs.clock })
  let bad = 0
  let queued = 0
  let queue: Promise<void> = Promise.resolve()

  events.socketOpened()
  socket.on('close', () => {
    events.socketClosed()
    frames.close()
  })
  const isTooMany = (): boolean => {
    if (allowed()) return false
    events.rateLimited({ userType: 'anonymous' })
    socket.close(policyViolation, 'too many frames')
    return true
  }
  // Each is answered: the pongs of somebody who does not read would pile up.
  socket.on('ping', isTooMany)
  // An oversized or malformed frame closes the socket by itself; nothing else is to be done about it.
  socket.on('error', () => undefined)
  socket.on('message', (data, isBinary) => {
    if (isBinary) return socket.close(unsupportedData, 'text frames only')
    if (isTooMany()) return
    const parsed = clientFrame.safeParse(parseJson(textOf(data)))
    if (!parsed.success) {
      bad += 1
      if (bad > mostBadFrames) return socket.close(policyViolation, 'malformed frames')
      const where = parsed.error.issues[0]
      const field = where?.path.join('.') || 'the frame'
      return send({
        type: 'error',
        code: 'REQUEST_INVALID',
        message: `${field}: ${where?.message ?? 'malformed'}`,
      })
    }
    if (queued >= longestQueue) return socket.close(tryAgainLater, 'too many frames wait')
    queued += 1
    const id = 'id' in parsed.data ? parsed.data.id : undefined
    queue = queue
      .then(() => frames.handle(parsed.data))
      .catch((err: unknown) => reportError(err, send, events, request.id, id))
      .finally(() => {
        queued -= 1
      })
  })
  send(hello)
}

/** `ws` hands out text as bytes, whole or in pieces. */
function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString()
  return Buffer.isBuffer(data) ? data.toString() : Buffer.from(data).toString()
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
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
    const again = err.status === 503 ? { retryAfterMs } : {}
    send({ type: 'error', code: err.code, message: err.message, ...about, ...again })
    return
  }
  events.faulted({ area: 'socket', err, requestId })
  send({ type: 'error', code: 'INTERNAL', message: 'The server could not do that.', ...about, retryAfterMs })
}
