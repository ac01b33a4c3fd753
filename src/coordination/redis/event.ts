import { z } from 'zod'
import type { BusEvent } from '../coordination.ts'

const conversationId = z.string()

/** Processes of another version may speak too: what is not understood is not heard. */
const busEvent: z.ZodType<BusEvent> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('changed'), conversationId, seq: z.number() }),
  z.object({
    type: z.literal('preview'),
    conversationId,
    turnId: z.string(),
    attempt: z.number(),
    text: z.string(),
  }),
  z.object({ type: z.literal('typing'), conversationId, active: z.boolean() }),
  z.object({ type: z.literal('begun'), conversationId }),
])

const changes = z.array(z.tuple([z.string(), z.number()]))

/** An event on its way: who sends it, in front, and the event. `origin` always has the same length. */
export const encode = (origin: string, event: BusEvent): string => origin + JSON.stringify(event)

/** The event of another process; `undefined` for our own echo and for what is not understood. */
export function decode(origin: string, text: string): BusEvent | undefined {
  return read(origin, text, busEvent)
}

/** Which conversations changed, and up to which sequence. */
export const encodeChanges = (origin: string, changed: ReadonlyMap<string, number>): string =>
  origin + JSON.stringify([...changed])

/** The changes another process tells of; none of our own echo. */
export const decodeChanges = (origin: string, text: string): [conversationId: string, seq: number][] =>
  read(origin, text, changes) ?? []

function read<T>(origin: string, text: string, schema: z.ZodType<T>): T | undefined {
  if (text.startsWith(origin)) return undefined
  try {
    return schema.safeParse(JSON.parse(text.slice(origin.length))).data
  } catch {
    return undefined
  }
}
