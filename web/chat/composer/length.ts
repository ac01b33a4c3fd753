type Contract = typeof import('../../../src/http/contract/socket.ts')

/** The longest message the server takes, in UTF-16 units; the type keeps it in step with the contract. */
export const longestText: Contract['maxTextLength'] = 2000

/** The counter appears when this few are left. */
const nearing = 200

export interface Length {
  /** What would be sent. */
  text: string
  left: number
  /** Whether the person should see how much is left. */
  nearing: boolean
  sendable: boolean
}

/** Measures what stands in the message field; blank edges are not sent. */
export function measure(typed: string): Length {
  const text = typed.trim()
  const left = longestText - text.length
  return { text, left, nearing: left <= nearing, sendable: text.length > 0 && left >= 0 }
}

/** What is read aloud: not every key, but each fifty, the last ten, and the moment it is too much. */
export function announced(left: number): number | undefined {
  if (left > nearing) return undefined
  if (left < 0) return -1
  return left <= 10 ? left : Math.ceil(left / 50) * 50
}
