import type { Texts } from './texts/texts.ts'

const dayMs = 86_400_000
const startOfDay = (at: number) => new Date(at).setHours(0, 0, 0, 0)

/** `Today`, `Yesterday`, or the date, with the year when it is another one. */
export function dayName(
  at: number,
  now: number,
  language: string,
  texts: Pick<Texts, 'today' | 'yesterday'>,
): string {
  const days = Math.round((startOfDay(now) - startOfDay(at)) / dayMs)
  if (days === 0) return texts.today
  if (days === 1) return texts.yesterday
  const year = new Date(at).getFullYear() === new Date(now).getFullYear() ? undefined : 'numeric'
  return new Intl.DateTimeFormat(language, { weekday: 'long', day: 'numeric', month: 'long', year }).format(
    at,
  )
}

export const timeOfDay = (at: number, language: string): string =>
  new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit' }).format(at)

/** A length of time in its two largest units: `2 d 3 h`, `4 min 5 s`. */
export function duration(
  seconds: number,
  texts: Pick<Texts, 'days' | 'hours' | 'minutes' | 'seconds'>,
): string {
  const whole = Math.max(0, Math.floor(seconds))
  const parts = [
    { count: Math.floor(whole / 86_400), name: texts.days },
    { count: Math.floor(whole / 3600) % 24, name: texts.hours },
    { count: Math.floor(whole / 60) % 60, name: texts.minutes },
    { count: whole % 60, name: texts.seconds },
  ]
  const first = parts.findIndex((part) => part.count > 0)
  if (first === -1) return texts.seconds(0)
  return parts
    .slice(first, first + 2)
    .filter((part) => part.count > 0)
    .map((part) => part.name(part.count))
    .join(' ')
}
