import { fail, type Item, ok } from './item.ts'

/** Leases and retries compare times of several machines. */
const toleratedMs = 2000
/** The header has whole seconds, and a proxy may have kept it for a moment. */
const toleratedOfHttpMs = 5000

/** A clock this machine is compared with: the name of the check, and whose it is. */
interface Other {
  name: string
  whose: string
}

const ofDatabase: Other = { name: 'database clock', whose: 'the database' }

export function judgeClock(
  offsetMs: number,
  { name, whose }: Other = ofDatabase,
  tolerated = toleratedMs,
): Item {
  const seconds = (Math.abs(offsetMs) / 1000).toFixed(1)
  if (Math.abs(offsetMs) <= tolerated) return ok(name, `${seconds} s from the clock of ${whose}`)
  const direction = offsetMs > 0 ? 'behind' : 'ahead of'
  return fail(
    name,
    `${seconds} s ${direction} the clock of ${whose}`,
    'synchronise both machines with NTP (timedatectl)',
  )
}

/** What the header `Date` of an answer tells (RFC 9110 §6.6.1); `asked` and `answered`: by the clock of this machine. */
export function judgeDate(
  other: Other,
  date: string | null | undefined,
  asked: number,
  answered: number,
): Item[] {
  const at = Date.parse(date ?? '')
  if (Number.isNaN(at)) return []
  const tolerated = toleratedOfHttpMs + (answered - asked) / 2
  return [judgeClock(at + 500 - (asked + answered) / 2, other, tolerated)]
}
