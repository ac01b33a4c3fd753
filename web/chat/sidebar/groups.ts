import type { PageSession } from '../../../src/http/contract/socket.ts'

export type Age = 'today' | 'yesterday' | 'earlier'

export interface Group {
  age: Age
  sessions: PageSession[]
}

/** Sessions by the day they were last used, in the person's time zone, the latest first; empty groups left out. */
export function groupByAge(sessions: PageSession[], now: number): Group[] {
  const today = new Date(now).setHours(0, 0, 0, 0)
  const yesterday = new Date(today - 1).setHours(0, 0, 0, 0)
  const ageOf = ({ updatedAt }: PageSession): Age =>
    updatedAt >= today ? 'today' : updatedAt >= yesterday ? 'yesterday' : 'earlier'
  const latestFirst = sessions.toSorted((a, b) => b.updatedAt - a.updatedAt)
  const ages: Age[] = ['today', 'yesterday', 'earlier']
  return ages
    .map((age) => ({ age, sessions: latestFirst.filter((session) => ageOf(session) === age) }))
    .filter((group) => group.sessions.length > 0)
}

/** The listed sessions, with the one on screen among them as soon as something was written in it. */
export function withCurrent(sessions: PageSession[], current: PageSession | undefined): PageSession[] {
  if (!current || sessions.some((one) => one.session === current.session)) return sessions
  return [current, ...sessions]
}
