import { dayOf, timeOf } from '../calendar.ts'
import type { Language } from '../language.ts'
import type { OverLimit } from '../limits.ts'
import { ahead } from './duration.ts'
import { textsOf } from './texts.ts'

/** When it is, and where. */
interface Present {
  now: number
  /** The tenant's time zone. */
  zone: string
}

/** `from 15:00 (in 23 minutes)`; with the date when that is not today. */
export function fromMoment(language: Language, at: number, { now, zone }: Present): string {
  const time = timeOf(at, zone)
  const date = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'long', timeZone: zone }).format(at)
  const moment = dayOf(at, zone) === dayOf(now, zone) ? time : `${date}, ${time}`
  return textsOf(language).fromMoment(moment, ahead(language, at - now))
}

/** What a person is told when they went over a limit: which, and when it ends. */
export function limitNotice(
  language: Language,
  { reason, notice = {} }: OverLimit,
  present: Present,
): string {
  const texts = textsOf(language)
  const { limit = 0, until } = notice
  if (reason === 'blocked') return texts.blocked
  if (reason === 'repeat') return texts.limitRepeat(limit)
  if (reason === 'links') return texts.limitLinks(limit)
  if (until === undefined || until <= present.now) return texts.limitEnded
  const from = fromMoment(language, until, present)
  if (reason === 'ban') return texts.banned(from)
  return reason === 'hour' ? texts.limitHour(limit, from) : texts.limitDay(limit, from)
}
