import { InvalidArgumentError } from 'commander'
import { accountsOf } from '../app/accounts.ts'
import type { Config } from '../config/config.ts'
import { dayOf, timeOf } from '../model/calendar.ts'
import type { Account } from '../model/conversation.ts'
import type { AccountBacklog, Store } from '../store/store.ts'
import { ageText } from './amounts.ts'
import { type ConfigOptions, sameBot } from './configuration.ts'
import { CommandFailure, harmless, paint, print, quote } from './terminal.ts'

/** What waits, apart for bots that this configuration does not have: no process of it will ever take that up. */
export async function findWaiting(
  store: Store,
  config: Config,
): Promise<{ own: AccountBacklog[]; stranded: AccountBacklog[] }> {
  const { own = [], stranded = [] } = Object.groupBy(await store.read.accounts.backlogs(), (backlog) =>
    isOurs(backlog, config) ? 'own' : 'stranded',
  )
  return { own, stranded }
}

/** From then on it is no backlog of every day: the alert about it counts alike. */
const oldMs = 60_000

/** What waits for all these bots together, and for how long the oldest has, in milliseconds. */
export function totalOf(backlogs: readonly AccountBacklog[], now: number) {
  const sum = (key: 'received' | 'queued') => backlogs.reduce((all, one) => all + one[key], 0)
  const oldestMs = now - Math.min(now, ...backlogs.map(({ oldest }) => oldest))
  return { received: sum('received'), queued: sum('queued'), oldestMs, isOld: oldestMs > oldMs }
}

export function printOwn(backlogs: readonly AccountBacklog[], options: ConfigOptions): void {
  const total = totalOf(backlogs, Date.now())
  print(`Not given up: ${describeBacklog(total)}, the oldest for ${ageText(total.oldestMs)}.`)
  if (total.isOld) print(`→ parley doctor${sameBot(options)}`)
}

export function printStranded(backlog: AccountBacklog, zone: string, options: ConfigOptions): void {
  const { oldest } = backlog
  const since = `since ${dayOf(oldest, zone)} ${timeOf(oldest, zone)} ${zone}`
  const account = harmless(nameOf(backlog))
  quote(`${paint('yellow', 'waiting')}  ${since}  ${account}  ${describeBacklog(backlog)}`)
  print('  This configuration does not have that bot: it all waits until the bot runs again.')
  print(
    `  No process has its token, and none ever will? parley outbox drop --waiting-for ${account}${sameBot(options)}`,
  )
  print()
}

export const describeBacklog = ({ queued, received }: Pick<AccountBacklog, 'queued' | 'received'>): string =>
  `${count(queued, 'reply', 'replies')} unsent, ${count(received, 'message')} unanswered`

export const strandedJson = (backlog: AccountBacklog): object => {
  const { channel, account, received, queued, oldest } = backlog
  const since = new Date(oldest).toISOString()
  return { state: 'waiting', channel, account, replies: queued, messages: received, since }
}

const batch = 500
/** Longer a running bot leaves nothing alone for which it has something to do. */
const quietMs = 10 * 60_000

/** Ends all that waits for a bot, batch by batch; a bot of this configuration, or that runs, takes care of its own. */
export async function dropStranded(
  store: Store,
  config: Config,
  account: Account,
  isForced: boolean,
): Promise<{ replies: number; messages: number }> {
  const name = nameOf(account)
  if (isOurs(account, config))
    throw new CommandFailure(
      `${name} is a bot of this configuration, which answers and sends what waits for it; nothing was changed.`,
    )
  if (!isForced && (await seemsAlive(store, account))) throw new CommandFailure(aliveWords(name))
  const ended = { replies: 0, messages: 0 }
  for (let more = true; more; ) {
    const { received, queued } = await store.write((tx) => tx.accounts.giveUp(account, Date.now(), batch))
    ended.replies += queued
    ended.messages += received
    more = received + queued > 0
  }
  if (ended.replies + ended.messages === 0)
    throw new CommandFailure(`Nothing waits for ${name}; nothing was changed. See: parley outbox`)
  return ended
}

/** A server may have a token that this command lacks, in the environment of its service or container. */
async function seemsAlive({ read }: Store, account: Account): Promise<boolean> {
  const now = Date.now()
  const polledUntil = (await read.leases.until(nameOf(account))) ?? 0
  return polledUntil > now || read.accounts.seemsAlive(account, now - quietMs)
}

const aliveWords = (name: string): string =>
  `${name} runs, or did within the last ten minutes: a process took, answered or tried something of it; nothing was changed.
→ look for a server that has its token (the environment of its service or container), which this command has not
→ where it was stopped for good: wait ten minutes, or add --force`

export function describeDropped({ replies, messages }: { replies: number; messages: number }): string {
  return `${count(replies, 'reply', 'replies')} dropped; ${count(messages, 'message')} will get no answer.`
}

export function parseAccount(value: string): Account {
  const [, channel, account] = /^([a-z]{1,20}):(.{1,128})$/.exec(value) ?? []
  if (channel !== undefined && account !== undefined) return { channel, account }
  throw new InvalidArgumentError('Expected channel:account as the list shows it, such as telegram:123456789.')
}

const isOurs = ({ channel, account }: Account, config: Config): boolean =>
  accountsOf(config).some((own) => own.channel === channel && own.account === account)

export const nameOf = ({ channel, account }: Account): string => `${channel}:${account}`

const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`
