import { answerEvents, answerHead } from './answer.ts'
import { now } from './clock.ts'
import { listenRaw, type RawRequest, type RawServer } from './http.ts'
import { numberIn } from './numbers.ts'

/** How the model takes its time, in milliseconds. */
export interface Pace {
  /** From the request to the first event. */
  firstMs: number
  /** From one event to the next. */
  betweenMs: number
}

/** No time at all: the events leave in a few writes, one right after the other. */
export const atOnce: Pace = { firstMs: 0, betweenMs: 0 }

/** 200 ms to the first token, then fifty a second, as hosted models give them. */
export const asHosted: Pace = { firstMs: 200, betweenMs: 20 }

/** One answer of the model, in milliseconds of the clock that processes share. `number`: which message it was asked about. */
export interface Served {
  number: number
  askedAt: number
  firstAt: number
  lastAt: number
}

export interface Model extends RawServer {
  /** Answers from now on take this time. */
  pace(pace: Pace): void
}

const writesAtOnce = 3

/** A model of the OpenAI-compatible format. `onServed` is told of each answer when its last event has left. */
export async function startModel(onServed?: (served: Served) => void): Promise<Model> {
  let pace = atOnce
  const server = await listenRaw((request) => {
    if (pace.firstMs === 0) answerAtOnce(request)
    else answerSlowly(request, pace, onServed)
  })
  return {
    ...server,
    pace(next) {
      pace = next
    },
  }
}

const eventsInWrite = Math.ceil(answerEvents.length / writesAtOnce)
const atOnceWrites = Array.from({ length: writesAtOnce }, (_, index) =>
  [
    index === 0 ? answerHead : '',
    ...answerEvents.slice(index * eventsInWrite, (index + 1) * eventsInWrite),
  ].join(''),
)

function answerAtOnce({ write }: RawRequest): void {
  for (const bytes of atOnceWrites) write(bytes)
}

function answerSlowly(
  { body, write }: RawRequest,
  { firstMs, betweenMs }: Pace,
  onServed: ((served: Served) => void) | undefined,
): void {
  const served = { number: numberIn(body), askedAt: now(), firstAt: 0, lastAt: 0 }
  let next = 0
  const step = (): void => {
    if (next === 0) served.firstAt = now()
    write(next === 0 ? answerHead + answerEvents[0] : (answerEvents[next] ?? ''))
    next += 1
    if (next < answerEvents.length) return void setTimeout(step, betweenMs)
    served.lastAt = now()
    onServed?.(served)
  }
  setTimeout(step, firstMs)
}
