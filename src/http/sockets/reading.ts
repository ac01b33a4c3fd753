import type { RawData, WebSocket } from 'ws'
import type { z } from 'zod'
import type { Clock } from '../../model/time.ts'
import type { Events } from '../../ops/events.ts'
import { type ClientFrame, clientFrame, type ServerFrame } from '../contract/socket.ts'
import { createFrameLimit } from '../frame-limit.ts'

export interface ReadingNeeds {
  events: Pick<Events, 'rateLimited'>
  clock: Clock
  send(frame: ServerFrame): void
  /** Frames are handled one after the other; a fault is the handler's own matter. */
  handle(frame: ClientFrame): Promise<void>
}

const policyViolation = 1008
const unsupportedData = 1003
const tryAgainLater = 1013

const frameBurst = 40
const framesPerSecond = 10
const mostBadFrames = 5
/** Frames of one socket that may wait for their turn. */
const longestQueue = 100

/** Reads the frames of a socket; too many of them, malformed ones and other kinds close it. */
export function readFrames(socket: WebSocket, { events, clock, send, handle }: ReadingNeeds): void {
  const allowed = createFrameLimit({ burst: frameBurst, perSecond: framesPerSecond, clock })
  let bad = 0
  let queued = 0
  let queue: Promise<void> = Promise.resolve()

  function isTooMany(): boolean {
    if (allowed()) return false
    events.rateLimited({ userType: 'anonymous' })
    socket.close(policyViolation, 'too many frames')
    return true
  }

  function refuse(error: z.ZodError): void {
    bad += 1
    if (bad > mostBadFrames) return socket.close(policyViolation, 'malformed frames')
    const [where] = error.issues
    const field = where?.path.join('.') || 'the frame'
    send({ type: 'error', code: 'REQUEST_INVALID', message: `${field}: ${where?.message ?? 'malformed'}` })
  }

  function enqueue(frame: ClientFrame): void {
    if (queued >= longestQueue) return socket.close(tryAgainLater, 'too many frames wait')
    queued += 1
    queue = queue
      .then(() => handle(frame))
      .finally(() => {
        queued -= 1
      })
  }

  // Each is answered: the pongs of somebody who does not read would pile up.
  socket.on('ping', isTooMany)
  socket.on('message', (data, isBinary) => {
    if (isBinary) return socket.close(unsupportedData, 'text frames only')
    if (isTooMany()) return
    const parsed = clientFrame.safeParse(parseJson(textOf(data)))
    if (parsed.success) enqueue(parsed.data)
    else refuse(parsed.error)
  })
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
