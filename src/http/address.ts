import { isIPv6 } from 'node:net'

/** No address is longer; what a proxy hands on may be anything. */
const longest = 45

/**
 * What one subscriber has: an IPv4 address, or the first half of an IPv6 one, of which a household or a server gets the
 * other half for itself (RFC 6177 §2; a /64 is the smallest network there is, RFC 4291 §2.5.4).
 */
export function networkOf(address: string): string {
  const plain = address.slice(0, longest).split('%', 1)[0] ?? ''
  if (!isIPv6(plain)) return plain
  const groups = groupsOf(plain)
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  if (mapped) return dotted(groups)
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  const [head = '', tail] = address.split('::')
  const left = numbersOf(head)
  if (tail === undefined) return left
  const right = numbersOf(tail)
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => 0), ...right]
}

/** An IPv4 address at the end stands for two groups. */
function numbersOf(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
    return [a * 256 + b, c * 256 + d]
  })
}

/** `::ffff:192.0.2.1` is how a socket of both families names 192.0.2.1. */
const dotted = (groups: number[]): string =>
  groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 0xff])
    .join('.')
