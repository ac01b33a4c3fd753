import { Command, InvalidArgumentError } from 'commander'
import { dayOf, timeOf } from '../model/calendar.ts'
import type { Account } from '../model/conversation.ts'
import type { DeadLetter, LetterKey, Store } from '../store/store.ts'
import { type ConfigOptions, sameBot } from './configuration.ts'
import { limitOption } from './limit-option.ts'
import {
  describeDropped,
  dropStranded,
  findWaiting,
  parseAccount,
  printOwn,
  printStranded,
  strandedJson,
} from './waiting.ts'
import { subcommand } from './subcommand.ts'
import { CommandFailure, harmless, onOneLine, paint, print, printJson, quote } from './terminal.ts'
import { withStore } from './with-store.ts'

interface Options extends ConfigOptions {
  json?: boolean
}

/** A dead letter as it is typed: the end of its conversation's id, and its sequence. */
interface Id {
  ending: string
  seq: number
}

/** Of a conversation's id in the list: with the sequence enough to tell dead letters apart. */
const endingShown = 8
const batch = 500
const idHelp = 'as the list shows them, such as 3f9a1c2b-7'

export function outboxCommand(): Command {
  const command = new Command('outbox').description(
    'Replies that could not be delivered (dead letters): given up after their tries, refused by the platform, ' +
      'or held because they may have arrived (delivery.uncertain: hold). What waits for a bot that is not in ' +
      'this configuration is listed behind them.',
  )
  subcommand(command, 'list', 'show them with the reasons, newest first', true)
    .addOption(limitOption(20))
    .action(list)
  subcommand(command, 'retry', 'send them again, each before what its chat has to get later')
    .argument('[ids...]', idHelp, parseId)
    .option('--all', 'all there are')
    .action(retry)
  subcommand(command, 'drop', 'take them off the list without sending them')
    .argument('[ids...]', idHelp, parseId)
    .option('--all', 'all there are')
    .option(
      '--waiting-for <bot>',
      'end all that waits for a bot not in this configuration: channel:account as the list shows it',
      parseAccount,
    )
    .option(
      '--force',
      'with --waiting-for, also where that bot seems to run: what it is about to answer is lost',
    )
    .action(drop)
  return command
}

function list({ json, limit, ...options }: Options & { limit: number }): Promise<void> {
  return withStore(options, async (store, config) => {
    const found = await store.read.deadLetters.list(limit, Date.now())
    const { own, stranded } = await findWaiting(store, config)
    if (json) return printJson([...found.map(toJson), ...stranded.map(strandedJson)])
    for (const letter of found) printLetter(letter, config.timezone)
    for (const backlog of stranded) printStranded(backlog, config.timezone, options)
    if (own.length > 0) printOwn(own, options)
    const [newest] = found
    if (newest) return print(nextSteps(idOf(newest), sameBot(options)))
    if (own.length + stranded.length === 0) print('Every reply was delivered.')
  })
}

const nextSteps = (id: string, bot: string): string =>
  `Send again: parley outbox retry ${id}${bot}, or --all\nOff the list: parley outbox drop ${id}${bot}, or --all`

function retry(ids: Id[] | undefined, { json, all, ...options }: Options & { all?: boolean }): Promise<void> {
  if ((ids === undefined || ids.length === 0) !== Boolean(all))
    throw new CommandFailure('Say which: the ids of dead letters, or --all.', 2)
  return withStore(options, async (store) => {
    const queued = await change(store, 'revive', all ? 'all' : (ids ?? []))
    if (json) return printJson({ queued })
    if (queued === 0) return print('There is nothing to send again.')
    print(
      `${replies(queued)} queued again; a running bot sends ${queued === 1 ? 'it' : 'them'} within seconds.`,
    )
  })
}

interface DropOptions extends Options {
  all?: boolean
  waitingFor?: Account
  force?: boolean
}

function drop(
  ids: Id[] | undefined,
  { json, all = false, waitingFor, force = false, ...options }: DropOptions,
): Promise<void> {
  if ([ids !== undefined && ids.length > 0, all, waitingFor !== undefined].filter(Boolean).length !== 1)
    throw new CommandFailure('Say which: the ids of dead letters, --all, or --waiting-for a bot.', 2)
  return withStore(options, async (store, config) => {
    if (waitingFor) {
      const dropped = await dropStranded(store, config, waitingFor, force)
      if (json) return printJson({ dropped: dropped.replies, messages: dropped.messages })
      return print(describeDropped(dropped))
    }
    const dropped = await change(store, 'drop', all ? 'all' : (ids ?? []))
    if (json) return printJson({ dropped })
    if (dropped === 0) return print('There is nothing to drop.')
    print(`${replies(dropped)} dropped.`)
  })
}

const replies = (count: number): string => (count === 1 ? '1 reply is' : `${count} replies are`)

type Change = 'revive' | 'drop'

async function change(store: Store, what: Change, which: Id[] | 'all'): Promise<number> {
  if (which === 'all') return changeAll(store, what)
  const keys = await resolve(store, which)
  return store.write((tx) => tx.deadLetters[what](keys))
}

/** Batch by batch, so that the bot goes on meanwhile; what dies since then is left for another time. */
async function changeAll(store: Store, what: Change): Promise<number> {
  const began = Date.now()
  for (let sum = 0; ; ) {
    const changed = await store.write(async (tx) => {
      const dead = await tx.deadLetters.list(batch, began)
      return tx.deadLetters[what](dead.map(keyOf))
    })
    if (changed === 0) return sum
    sum += changed
  }
}

async function resolve(store: Store, ids: Id[]): Promise<LetterKey[]> {
  const keys = new Map<string, LetterKey>()
  for (const { ending, seq } of ids) {
    const [key, other] = await store.read.deadLetters.find(ending, seq)
    if (!key)
      throw new CommandFailure(
        `No dead letter has the id ${ending}-${seq}; nothing was changed. See: parley outbox`,
      )
    if (other)
      throw new CommandFailure(
        `More than one dead letter has the id ${ending}-${seq}; nothing was changed.\n→ parley outbox --json tells the whole ids of their conversations`,
      )
    keys.set(`${key.conversationId}-${seq}`, key)
  }
  return [...keys.values()]
}

const keyOf = ({ conversation, seq }: DeadLetter): LetterKey => ({ conversationId: conversation.id, seq })

const idOf = ({ conversation, seq }: DeadLetter): string => `${conversation.id.slice(-endingShown)}-${seq}`

function printLetter(letter: DeadLetter, zone: string): void {
  const { conversation, tries, reason, at, state, text } = letter
  const { channel, chatId, threadId } = conversation
  const chat = harmless(`${channel}:${chatId}${threadId === '' ? '' : ` topic ${threadId}`}`)
  const when = `${dayOf(at, zone)} ${timeOf(at, zone)} ${zone}`
  const sent = tries === 1 ? 'sent once' : `sent ${tries} times`
  const color = state === 'failed' ? 'red' : 'yellow'
  quote(`${paint(color, state)}  ${when}  ${chat}  ${sent}  ${paint('dim', idOf(letter))}`)
  quote(`  ${onOneLine(reason === '' ? 'may have arrived already' : reason)}`)
  quote(`  > ${onOneLine(text)}`)
  print()
}

const toJson = (letter: DeadLetter): object => {
  const { conversation, seq, state, tries, reason, at, text } = letter
  const { id: conversationId, channel, account, chatId, threadId } = conversation
  const where = { channel, account, chatId, threadId, conversationId, seq }
  return { id: idOf(letter), state, tries, reason, at: new Date(at).toISOString(), ...where, text }
}

function parseId(value: string, before: Id[] = []): Id[] {
  const [, ending, seq] = /^([0-9a-f-]{0,35}[0-9a-f])-([1-9]\d{0,8})$/.exec(value) ?? []
  if (ending === undefined || seq === undefined)
    throw new InvalidArgumentError('Expected an id as the list shows it, such as 3f9a1c2b-7.')
  return [...before, { ending, seq: Number(seq) }]
}
