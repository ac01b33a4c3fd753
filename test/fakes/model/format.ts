import type { IncomingHttpHeaders } from 'node:http'
import type { FakeFinish, FakeUsage } from './behaviour.ts'

/** A server-sent event: its `event:` field, where the provider sends one, and its data. */
export interface FakeEvent {
  name?: string
  data: string
}

/** A refusal as the provider words it. */
export interface Refusal {
  status: number
  body: unknown
}

export interface FakeCall {
  url: URL
  headers: IncomingHttpHeaders
  body: unknown
}

/** One provider's wire format, seen from the server. */
export interface FakeFormat {
  /** The model the request names, or `undefined` when the path is not this provider's. */
  model(call: FakeCall): string | undefined
  /** What is wrong with the key: a refusal, or `undefined`. */
  checkKey(call: FakeCall, key: string): Refusal | undefined
  /** What is wrong with the shape of the body, in words, or `undefined`. */
  checkShape(call: FakeCall): string | undefined
  unknownModel(model: string): Refusal
  refusal(status: number, message: string, code?: string): Refusal
  opening(model: string, usage: FakeUsage | undefined): FakeEvent[]
  token(text: string, model: string): FakeEvent
  closing(finish: FakeFinish, usage: FakeUsage | undefined, model: string, call: FakeCall): FakeEvent[]
  /** The call of a tool as the whole answer, between `opening` and the end of the stream. */
  toolCall(usage: FakeUsage | undefined, model: string): FakeEvent[]
  /** An error in the middle of a stream. */
  errorEvent(status: number): FakeEvent
}

export const field = (value: unknown, ...path: (string | number)[]): unknown =>
  path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  )

export const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''

export const isPositiveInteger = (value: unknown): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value > 0

/** The first key of an object that is not among the known ones. */
export const unknownKey = (value: unknown, known: string[]): string | undefined =>
  typeof value === 'object' && value !== null
    ? Object.keys(value).find((key) => !known.includes(key))
    : undefined

/** Whether a JSON text has half of a surrogate pair, which the real services refuse. */
export const hasLoneSurrogate = (value: unknown): boolean =>
  JSON.stringify(value).search(/\\ud[89a-f][0-9a-f]{2}/i) >= 0

/** Text as itself or as a list of text blocks, both of which the services take; none of it empty. */
export const isContent = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.length > 0 &&
      value.every((block) => field(block, 'type') === 'text' && isText(field(block, 'text')))
    : isText(value)
