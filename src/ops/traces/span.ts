import { newId } from '../../model/ids.ts'

type Attributes = Record<string, string | number | boolean | undefined>

/** A piece of the way of a message, for whoever asks where the time went. Ids and numbers, never a person's words. */
export interface Span {
  /** 32 hexadecimal digits: the turn's id without its dashes, so that log, stored turn and trace find each other. */
  traceId: string
  /** 16 of them. */
  spanId: string
  /** None: the root of its trace. */
  parentId?: string
  name: string
  kind: SpanKind
  /** Milliseconds since the epoch. */
  start: number
  end: number
  attributes: Attributes
  /** It went wrong. */
  failed?: boolean
}

/** What happens here, what asks somebody else, and what came from elsewhere. */
export type SpanKind = 'internal' | 'client' | 'consumer'

/**
 * The places in the trace of a turn under which others hang. They follow from the turn's id: whichever process calls the
 * model or sends a reply knows them, and nobody keeps anything for the time in between.
 */
export function placesOf(turnId: string): { traceId: string; root: string; turn: string } {
  const root = spanIdOf(turnId)
  // The variant of a UUID begins its half (RFC 9562 §4.1) with 8, 9, a or b, and never with 1.
  return { traceId: turnId.replaceAll('-', ''), root, turn: `1${root.slice(1)}` }
}

export const newSpanId = (): string => spanIdOf(newId())

/** The second half of a UUID, most of which is random. */
const spanIdOf = (id: string): string => id.slice(19).replace('-', '')

/** The same turns in all processes, by the random end of their ids. */
export const isSampled = (turnId: string, ratio: number): boolean =>
  Number.parseInt(turnId.slice(-8), 16) < ratio * 2 ** 32
