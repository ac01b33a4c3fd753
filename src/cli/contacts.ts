import { Command, InvalidArgumentError } from 'commander'
import { dayOf, timeOf } from '../model/calendar.ts'
import type { RestrictedContact } from '../store/store.ts'
import { type ConfigOptions, configOption } from './configuration.ts'
import { limitOption } from './limit-option.ts'
import { subcommand } from './subcommand.ts'
import { CommandFailure, harmless, paint, print, printJson, printTable } from './terminal.ts'
import { withStore } from './with-store.ts'

interface Options extends ConfigOptions {
  json?: boolean
}

interface Contact {
  channel: string
  platformId: string
}

const contactHelp = 'channel:id as the list shows it; digits alone are a Telegram id'

export function contactsCommand(): Command {
  const command = new Command('contacts')
    .description(
      'Lists who is not answered now: over a limit, banned for a while, or blocked for good.\n' +
        'Bans and lifts hold at once, also for the processes that run.',
    )
    .addOption(configOption())
    .addOption(limitOption(50))
    .option('--json', 'for machines')
    .action(list)
  subcommand(command, 'lift', 'answer somebody again, and forget what was counted')
    .argument('<contact>', contactHelp, parseContact)
    .action(lift)
  subcommand(command, 'ban', 'answer somebody no more, for good or for a while')
    .argument('<contact>', contactHelp, parseContact)
    .option('--for <time>', 'how long, such as 30m, 1h or 7d', parseTime)
    .action(ban)
  return command
}

/** Commander hands the options of the command above to those below as well. */
type Ran = [options: Options & { limit: number }, command: Command]

function list({ json, limit, ...options }: Ran[0]): Promise<void> {
  return withStore(options, async (store, { timezone }) => {
    const found = await store.read.limits.restricted(Date.now(), limit)
    if (json) return printJson(found.map(toJson))
    if (found.length === 0) return print('Everybody is answered.')
    const rows = found.map((one) => [
      paint(one.state === 'limited' ? 'yellow' : 'red', one.state),
      one.until === undefined ? 'for good' : `until ${momentOf(one.until, timezone)}`,
      harmless(idOf(one)),
      harmless(one.name).replace(/\s+/g, ' ').slice(0, 60),
    ])
    printTable(rows, (cell) => cell)
    print(`\nAnswer somebody again: parley contacts lift ${harmless(idOf(found[0] ?? anybody))}`)
  })
}

const anybody: Contact = { channel: 'telegram', platformId: 'ID' }

function lift(contact: Contact, _: Options, command: Command): Promise<void> {
  const { json, ...options } = command.optsWithGlobals<Options>()
  return withStore(options, async (store) => {
    requireKnown(await store.write((tx) => tx.limits.lift(contact.channel, contact.platformId)), contact)
    if (json) return printJson({ contact: idOf(contact), state: 'good' })
    print(`${idOf(contact)} is answered again.`)
  })
}

function ban(contact: Contact, _: Options & { for?: number }, command: Command): Promise<void> {
  const { json, for: forMs, ...options } = command.optsWithGlobals<Options & { for?: number }>()
  return withStore(options, async (store, { bot, timezone }) => {
    if (bot.admins.includes(idOf(contact))) {
      throw new CommandFailure(
        `${idOf(contact)} is an administrator, whom no limit holds: take them out of bot.admins (ADMIN_IDS) first.`,
      )
    }
    const until = forMs === undefined ? undefined : Date.now() + forMs
    requireKnown(
      await store.write((tx) => tx.limits.ban(contact.channel, contact.platformId, until)),
      contact,
    )
    const state = until === undefined ? 'blocked' : 'banned'
    if (json) return printJson({ contact: idOf(contact), state, until: isoOf(until) })
    print(
      until === undefined
        ? `${idOf(contact)} is answered no more.`
        : `${idOf(contact)} is not answered until ${momentOf(until, timezone)}.`,
    )
    print(`Take it back: parley contacts lift ${idOf(contact)}`)
  })
}

function requireKnown(known: boolean, contact: Contact): void {
  if (!known) throw new CommandFailure(`${idOf(contact)} has never written; there is nobody of this id.`)
}

const idOf = ({ channel, platformId }: Contact): string => `${channel}:${platformId}`

/** In the tenant's time zone, which it names. */
const momentOf = (at: number, zone: string): string => `${dayOf(at, zone)} ${timeOf(at, zone)} ${zone}`

const isoOf = (at: number | undefined): string | null =>
  at === undefined ? null : new Date(at).toISOString()

const toJson = ({ channel, platformId, name, state, until }: RestrictedContact): object => ({
  channel,
  id: platformId,
  name,
  state,
  until: isoOf(until),
})

function parseContact(value: string): Contact {
  if (/^\d{1,20}$/.test(value)) return { channel: 'telegram', platformId: value }
  const [, channel, platformId] = /^([a-z]{1,20}):(.{1,128})$/.exec(value) ?? []
  if (channel !== undefined && platformId !== undefined) return { channel, platformId }
  throw new InvalidArgumentError('Expected channel:id, such as telegram:123456789.')
}

const units = new Map([
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])

function parseTime(value: string): number {
  const [, count, unit = ''] = /^([1-9]\d{0,4})([mhd])$/.exec(value) ?? []
  const length = units.get(unit)
  if (count !== undefined && length !== undefined) return Number(count) * length
  throw new InvalidArgumentError('Expected a time such as 30m, 1h or 7d.')
}
