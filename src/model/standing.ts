import { isMostlyLinks, likenessOf } from './likeness.ts'
import type { MessageLimits, OverLimit } from './limits.ts'
import type { Moment } from './moment.ts'

/**
 * How a person stands: what they sent in this hour and day, what they were told, what they were banned for. Times are
 * milliseconds since the epoch, 0 for never. Windows are known by their ends, so that processes whose clocks differ a
 * little count into the same one.
 */
export interface Standing {
  hourEnd: number
  hourCount: number
  dayEnd: number
  dayCount: number
  /** Until when they are over a limit they were told about. */
  overUntil: number
  /** When they were last warned, and what they sent since. */
  warnedAt: number
  excess: number
  /** The last message, how often it came in a row, since when. */
  likeness: string
  repeats: number
  repeatsSince: number
  links: number
  linksSince: number
  /** Bans that followed one another within a week, and the last of them. */
  bans: number
  bannedAt: number
  bannedUntil: number
  /** For good. */
  blocked: boolean
  /** Whether they know of the ban in force. */
  told: boolean
}

export const goodStanding: Standing = {
  hourEnd: 0,
  hourCount: 0,
  dayEnd: 0,
  dayCount: 0,
  overUntil: 0,
  warnedAt: 0,
  excess: 0,
  likeness: '',
  repeats: 0,
  repeatsSince: 0,
  links: 0,
  linksSince: 0,
  bans: 0,
  bannedAt: 0,
  bannedUntil: 0,
  blocked: false,
  told: false,
}

/** What a message changes, and why it is not answered, when it is not. */
export interface Judgement {
  standing: Standing
  over?: OverLimit
}

const hourMs = 3_600_000
/** The longest day there is (see calendar.ts). */
const dayMs = 27 * hourMs
/** Clocks of processes differ by less; a window that ends later than its length and this is of a clock put back. */
const skewMs = 60_000
/** What is sent in the same breath as the message warned about was not sent in spite of the warning. */
const graceMs = 10_000
/** Bans further apart than this do not add up. */
const remembersMs = 7 * 24 * hourMs
const bansBeforeBlock = 3

/** The fifth in a row within ten minutes. */
const repeat = { count: 5, withinMs: 600_000 }
/** The tenth in a row within ten seconds: no hand is that fast. */
const burst = { count: 10, withinMs: 10_000 }

/** Judges the next message of a person; what is over a limit is not counted as answered. */
export function judge(
  person: Standing,
  said: { kind: string; text: string },
  moment: Moment,
  limits: MessageLimits,
): Judgement {
  const { now } = moment
  const shut = shutOutOf(person, now)
  if (shut) return shutOut(person, shut)
  const standing = inWindows(person, moment)
  const window =
    standing.dayCount >= limits.perDay ? 'day' : standing.hourCount >= limits.perHour ? 'hour' : undefined
  if (window) return overWindow(standing, window, now, limits)
  if (limits.spam && said.kind === 'text') {
    Object.assign(standing, likened(standing, said.text, now))
    const spam = overRepeats(standing, now, limits) ?? overLinks(standing, now, limits)
    if (spam) return spam
  }
  return { standing: { ...standing, hourCount: standing.hourCount + 1, dayCount: standing.dayCount + 1 } }
}

/** Why this person is answered nothing at all, blocked or banned for a while. */
export function shutOutOf(person: Standing, now: number): OverLimit | undefined {
  if (person.blocked) return { reason: 'blocked' }
  return person.bannedUntil > now ? { reason: 'ban' } : undefined
}

/** Somebody banned hears of it once; what they send does not make it longer. */
function shutOut(person: Standing, over: OverLimit): Judgement {
  if (person.told) return { standing: person, over }
  const notice = person.blocked ? {} : { until: person.bannedUntil }
  return { standing: { ...person, told: true }, over: { ...over, notice } }
}

/** The counts of windows that ended are gone. */
function inWindows(person: Standing, { now, hourEnd, dayEnd }: Moment): Standing {
  const standing = { ...person }
  if (!isOpen(person.hourEnd, hourMs, now)) Object.assign(standing, { hourEnd, hourCount: 0 })
  if (!isOpen(person.dayEnd, dayMs, now)) Object.assign(standing, { dayEnd, dayCount: 0 })
  return standing
}

const isOpen = (end: number, longest: number, now: number): boolean =>
  end > now && end - now <= longest + skewMs

function overWindow(
  standing: Standing,
  reason: 'hour' | 'day',
  now: number,
  limits: MessageLimits,
): Judgement {
  const until = reason === 'hour' ? standing.hourEnd : standing.dayEnd
  const limit = reason === 'hour' ? limits.perHour : limits.perDay
  if (standing.overUntil === until) return goesOn(standing, { reason }, now, limits)
  const warned = { ...standing, overUntil: until, warnedAt: now, excess: 0 }
  return { standing: warned, over: { reason, notice: { limit, until } } }
}

/** Counts what is alike in a row, from the first of them on. */
function likened(standing: Standing, text: string, now: number): Partial<Standing> {
  const likeness = likenessOf(text)
  const again =
    likeness !== '' && likeness === standing.likeness && isWithin(standing.repeatsSince, repeat.withinMs, now)
  const linked = isMostlyLinks(text)
  const inBurst = linked && standing.links > 0 && isWithin(standing.linksSince, burst.withinMs, now)
  return {
    likeness,
    repeats: again ? standing.repeats + 1 : 1,
    repeatsSince: again ? standing.repeatsSince : now,
    links: inBurst ? standing.links + 1 : Number(linked),
    linksSince: inBurst ? standing.linksSince : now,
  }
}

const isWithin = (since: number, ms: number, now: number): boolean => Math.abs(now - since) <= ms

const overRepeats = (standing: Standing, now: number, limits: MessageLimits): Judgement | undefined =>
  overSpam(standing, 'repeat', standing.repeats, repeat.count, now, limits)

const overLinks = (standing: Standing, now: number, limits: MessageLimits): Judgement | undefined =>
  overSpam(standing, 'links', standing.links, burst.count, now, limits)

function overSpam(
  standing: Standing,
  reason: 'repeat' | 'links',
  count: number,
  limit: number,
  now: number,
  limits: MessageLimits,
): Judgement | undefined {
  if (count < limit) return undefined
  if (count > limit) return goesOn(standing, { reason }, now, limits)
  return { standing: { ...standing, warnedAt: now, excess: 0 }, over: { reason, notice: { limit } } }
}

/** They were told, and had the time to read it. */
function goesOn(standing: Standing, over: OverLimit, now: number, limits: MessageLimits): Judgement {
  if (isWithin(standing.warnedAt, graceMs, now)) return { standing, over }
  const excess = standing.excess + 1
  if (excess < limits.banAfter) return { standing: { ...standing, excess }, over }
  return banned(standing, now, limits)
}

function banned(standing: Standing, now: number, { banMs }: MessageLimits): Judgement {
  const before = isWithin(standing.bannedAt, remembersMs, now) ? standing.bans : 0
  const after = { ...standing, bans: before + 1, bannedAt: now, excess: 0, repeats: 0, links: 0, told: true }
  if (before >= bansBeforeBlock)
    return { standing: { ...after, blocked: true }, over: { reason: 'blocked', notice: {} } }
  const until = now + banMs * 2 ** before
  return { standing: { ...after, bannedUntil: until }, over: { reason: 'ban', notice: { until } } }
}
