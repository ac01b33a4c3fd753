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

/** An event on its way: who sends it, in front, and the event. `origin` always has the same length. */
export const encode = (origin: string, event: BusEvent): string => origin + JSON.stringify(event)

/** The event of another process; `undefined` for our own echo and for what is not understood. */
export function decode(origin: string, text: string): BusEvent | undefined {
  if (text.startsWith(origin)) return undefined
  try {
    return busEvent.safeParse(JSON.parse(text.slice(origin.length))).data
  } catch {
    return undefined
  }
}
