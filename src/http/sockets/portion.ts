import type { PageMessage } from '../contract/socket.ts'

/** What the messages of one frame may weigh together, in bytes; a single one may weigh more. */
const mostBytes = 262_144

/** The first messages that fit in one frame: at least one, if there is any. */
export const firstPortion = (messages: PageMessage[]): PageMessage[] =>
  messages.slice(0, countFitting(messages))

/** The last messages that fit in one frame: at least one, if there is any. */
export const lastPortion = (messages: PageMessage[]): PageMessage[] =>
  messages.slice(messages.length - countFitting(messages.toReversed()))

function countFitting(messages: PageMessage[]): number {
  let bytes = 0
  const tooMany = messages.findIndex((message, index) => {
    bytes += Buffer.byteLength(JSON.stringify(message))
    return index > 0 && bytes > mostBytes
  })
  return tooMany === -1 ? messages.length : tooMany
}
