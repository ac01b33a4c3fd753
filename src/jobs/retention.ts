import { setTimeout as sleep } from 'node:timers/promises'
import { dayBefore, dayOf, endOfDay, startOfDay } from '../model/calendar.ts'
import type { Clock } from '../model/time.ts'
import type { Events } from '../ops/events.ts'
import {
  type Deleted,
  type RetentionReader,
  retentionLeases,
  type Store,
  type Writer,
} from '../store/store.ts'

/** Whole days; `undefined`: for ever. */
export interface Retention {
  conversationDays: number | undefined
  traceDays: number | undefined
  budgetDays: number | undefined
}

export interface RetentionNeeds {
  store: Pick<Store, 'read' | 'write'>
  settings: Retention
  /** Whose calendar days count. */
  zone: string
  events: Pick<Events, 'retentionRun' | 'retentionPostponed' | 'faulted'>
  clock: Clock
  /** Names this process in the lease. */
  holder: string
  /** How often it is looked whether a run is due, in milliseconds. */
  everyMs?: number
}

export interface RetentionJob {
  /** Begins to look; a run is due once a day, in one process of all. */
  start(): void
  /** Takes other settings over and, once started, runs with them. */
  change(settings: Retention): void
  /** Waits for the batch in hand; the rest goes with the next run. */
  stop(): Promise<void>
}

const leaseMs = 60_000
const lookMs = 60_000
const dayMs = 86_400_000
/** The longest day there is, and what clocks of processes differ by. */
const longestRestMs = 27 * 3_600_000 + 60_000
const pageSize = 200
/** Each conversation gives up to 25 messages and as many turns at a time. */
const conversationsAtOnce = 10
const tracesAtOnce = 250
/** A ban adds to those of the week before it. */
const limitsMs = 8 * dayMs
/** The longest a run may be away before the first day is let pass, see `leapOf`. */
const longestLeapMs = 30 * dayMs
/** What conversations and days of the budget are kept for at least. */
const weekDays = 7
/** `contacts.seen_at` may be a week behind. */
const seenMs = 7 * dayMs

export function createRetention(needs: RetentionNeeds): RetentionJob {
  const { store, zone, events, clock, everyMs = lookMs } = needs
  const stopped = new AbortController()
  let { settings } = needs
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  let waiting = false

  const { rest, isDue } = createRhythm(needs)

  async function attempt(anyway: boolean): Promise<void> {
    waiting = false
    if (stopped.signal.aborted || !(anyway || (await isDue(settings)))) return
    const run = createRun(needs, stopped.signal)
    if (!(await run.hold())) return
    let complete = false
    try {
      const now = clock.now()
      const due = await store.read.leases.until(retentionLeases.rest)
      await dropAll(run, settings, now, zone, due)
      await rest(now)
      complete = true
    } finally {
      run.report(complete)
      await store.write((tx) => tx.leases.release(retentionLeases.run, needs.holder))
    }
  }

  function look(anyway: boolean): void {
    if (waiting && !anyway) return
    waiting = true
    running = running
      .then(() => attempt(anyway))
      .catch((err: unknown) => {
        if (!stopped.signal.aborted) events.faulted({ area: 'retention', err })
      })
  }

  return {
    start() {
      timer = setInterval(look, everyMs, false).unref()
    },
    change(next) {
      settings = next
      if (timer) look(true)
    },
    async stop() {
      clearInterval(timer)
      stopped.abort()
      await running
    },
  }
}

/** When the next run is due: once a day. */
function createRhythm({ store, zone, events, clock, holder }: RetentionNeeds) {
  const hold = (tx: Writer, name: string, now: number): Promise<boolean> =>
    tx.leases.hold(name, holder, now, endOfDay(now, zone))
  const rest = (now: number): Promise<boolean> => store.write((tx) => hold(tx, retentionLeases.rest, now))
  const postpone = (now: number): Promise<boolean> =>
    store.write(
      async (tx) =>
        (await hold(tx, retentionLeases.rest, now)) && (await hold(tx, retentionLeases.postponed, now)),
    )
  return {
    rest,
    async isDue(settings: Retention): Promise<boolean> {
      const until = (await store.read.leases.until(retentionLeases.rest)) ?? 0
      const now = clock.now()
      if (until > now) return until > now + longestRestMs
      if (until === 0 || now - until < leapOf(settings)) return true
      // Never twice running: a bot that is up once a week deletes, too.
      if ((await store.read.leases.until(retentionLeases.postponed)) === until) return true
      if (await postpone(now)) events.retentionPostponed({ days: Math.floor((now - until) / dayMs) })
      return false
    },
  }
}

/**
 * A clock that leapt ahead must not delete what is young: after so long without a run the first day is let pass. A week or so at
 * least: traces may be kept for a day or two.
 */
function leapOf({
  conversationDays = Infinity,
  traceDays = Infinity,
  budgetDays = Infinity,
}: Retention): number {
  const shortest = Math.max(weekDays, Math.min(conversationDays, traceDays, budgetDays))
  return Math.min(longestLeapMs, (shortest - 1) * dayMs)
}

/** One pass in the making: the lease it needs, the pauses between its batches, and what it deleted. */
interface Run {
  hold(): Promise<boolean>
  /** Does a batch and rests; throws when the process stops or the lease was lost. */
  step<T>(work: (store: RetentionNeeds['store']) => Promise<T>): Promise<T>
  count(rows: Deleted): void
  report(complete: boolean): void
}

/** Turns never wait for more than one batch: after each comes a pause four times as long. */
function createRun({ store, events, clock, holder }: RetentionNeeds, signal: AbortSignal): Run {
  const began = performance.now()
  const deleted: Record<string, number> = {}
  let heldAt = began

  const hold = (): Promise<boolean> => {
    heldAt = performance.now()
    return store.write((tx) =>
      tx.leases.hold(retentionLeases.run, holder, clock.now(), clock.now() + leaseMs),
    )
  }

  return {
    hold,
    async step(work) {
      signal.throwIfAborted()
      if (performance.now() - heldAt > leaseMs / 3 && !(await hold()))
        throw new Error('another process took over the deletion of old rows')
      const from = performance.now()
      const result = await work(store)
      await sleep(4 * (performance.now() - from), undefined, { signal }).catch(() => undefined)
      return result
    },
    count(rows) {
      for (const [table, number] of Object.entries(rows))
        if (number > 0) deleted[table] = (deleted[table] ?? 0) + number
    },
    report(complete) {
      const seconds = Math.round(performance.now() - began) / 1000
      events.retentionRun({ deleted, complete, seconds })
    },
  }
}

/** `due`: when this run was due, from the run before; it tells whether the clock has leapt since. */
async function dropAll(
  run: Run,
  settings: Retention,
  now: number,
  zone: string,
  due: number = now,
): Promise<void> {
  const { conversationDays, traceDays, budgetDays } = settings
  if (traceDays !== undefined) await dropTraces(run, cutoff(now, zone, traceDays))
  const calm = now - limitsMs
  await walk(run, 'limits', calm, (ids) =>
    drop(run, 'contact_limits', (tx) => tx.retention.dropLimits(ids, calm)),
  )
  if (conversationDays !== undefined) await dropPeople(run, cutoff(now, zone, conversationDays))
  if (budgetDays !== undefined) {
    // The row of today is what holds the limit, and a changed setting runs at once, whatever the clock says.
    const recent = dayBefore(dayOf(due, zone), weekDays)
    const old = dayBefore(dayOf(now, zone), budgetDays)
    const first = old < recent ? old : recent
    await drop(run, 'budget_days', (tx) => tx.retention.dropBudgetDays(first))
  }
  await drop(run, 'leases', (tx) => tx.retention.dropLeases(now - dayMs))
}

/** Their beginning counts: what is older than so many whole days, and 24 hours for each where clocks were put forward. */
const cutoff = (now: number, zone: string, days: number): number =>
  Math.min(startOfDay(dayBefore(dayOf(now, zone), days), zone), now - days * dayMs)

async function drop(run: Run, table: keyof Deleted, work: (tx: Writer) => Promise<number>): Promise<number> {
  const number = await run.step((store) => store.write(work))
  run.count({ [table]: number })
  return number
}

async function dropTraces(run: Run, before: number): Promise<void> {
  let dropped = tracesAtOnce
  while (dropped === tracesAtOnce)
    dropped = await drop(run, 'turns', (tx) => tx.retention.dropTraces(before, tracesAtOnce))
}

async function dropPeople(run: Run, before: number): Promise<void> {
  await walk(run, 'conversations', before, (ids) => dropConversations(run, ids, before))
  const { oldest } = await run.step((store) => store.read.messages.backlog())
  if (oldest !== undefined && oldest < before) return
  const unseen = before - seenMs
  await walk(run, 'contacts', unseen, (ids) =>
    drop(run, 'contacts', (tx) => tx.retention.dropContacts(ids, unseen)),
  )
}

async function dropConversations(run: Run, ids: string[], before: number): Promise<void> {
  const left = [...ids]
  while (left.length > 0) {
    const some = left.splice(0, conversationsAtOnce)
    const { deleted, more } = await run.step((store) =>
      store.write((tx) => tx.retention.dropConversations(some, before)),
    )
    run.count(deleted)
    left.unshift(...more)
  }
}

/** Goes through all rows of one kind, and hands over those that are due. */
async function walk(
  run: Run,
  kind: keyof RetentionReader,
  before: number,
  take: (ids: string[]) => Promise<unknown>,
): Promise<void> {
  for (let after: string | undefined = ''; after !== undefined; ) {
    const from: string = after
    const found = await run.step((store) =>
      store.read.retention[kind]({ after: from, before, limit: pageSize }),
    )
    if (found.due.length > 0) await take(found.due)
    after = found.last
  }
}
