import { Command, InvalidArgumentError } from 'commander'
import { addressOf } from '../app/address-of.ts'
import type { Handoff, Store, Writer } from '../store/store.ts'
import { type ConfigOptions, configOption, sameBot } from './configuration.ts'
import { limitOption } from './limit-option.ts'
import { subcommand } from './subcommand.ts'
import { CommandFailure, onOneLine, paint, print, printJson, quote } from './terminal.ts'
import { withStore } from './with-store.ts'

interface Options extends ConfigOptions {
  json?: boolean
  limit: number
}

const messagesRead = 30
/** Of the messages, and of what the request keeps. */
const linesShown = 5
const isCommand = /^\s*\/[\p{L}\p{N}_]+(?!\S)/u

export function handoffsCommand(): Command {
  const command = new Command('handoffs')
    .description(
      'Lists who waits for a human, newest first, until somebody marks the request as done.\n' +
        'Answer them where they wrote or left an address; Parley does not notice that by itself.',
    )
    .addOption(configOption())
    .addOption(limitOption(20))
    .option('--json', 'for machines')
    .action(listHandoffs)
  subcommand(command, 'done', 'take requests off the list')
    .argument(
      '[ids...]',
      'as the list shows them, or of the conversation as a note does; their ends are enough',
      parseId,
    )
    .option('--all-shown', 'all that the list shows (with -n, as many)')
    .action(markDone)
  return command
}

function listHandoffs({ json, limit, ...options }: Options): Promise<void> {
  return withStore(options, async (store) => {
    const open = await store.read.handoffs.open(limit)
    if (json) return printJson(open.map((handoff) => ({ ...handoff, address: addressOf(handoff) })))
    const [newest] = open
    if (!newest) return print('Nobody waits for a human.')
    for (const handoff of open) await printHandoff(handoff, store)
    print(`Answered? parley handoffs done ${shortOf(newest.id)}${sameBot(options)}`)
  })
}

/** Commander hands the options of the command above to those below as well. */
function markDone(ids: string[] | undefined, _: Options, command: Command): Promise<void> {
  const { json, limit, allShown, ...options } = command.optsWithGlobals<Options & { allShown?: boolean }>()
  if ((ids === undefined || ids.length === 0) !== Boolean(allShown))
    throw new CommandFailure('Say which: the ids of requests, or --all-shown.', 2)
  return withStore(options, async (store) => {
    const wanted = allShown ? (await store.read.handoffs.open(limit)).map(({ id }) => id) : (ids ?? [])
    const done: string[] = []
    await store.write(async (tx) => {
      done.length = 0
      for (const id of wanted) {
        const closed = await tx.handoffs.close(id)
        if (closed.length > 0) done.push(...closed)
        else if (!allShown && !done.some((each) => each.endsWith(id)))
          done.push(...(await closeBy(id, tx, options)))
      }
    })
    if (json) return printJson({ done })
    if (done.length === 0) return print('Nobody waits for a human.')
    for (const id of done) print(`${id} is done.`)
  })
}

/** By the end of its id, where no other ends so. */
async function closeBy(ending: string, { handoffs }: Writer, options: ConfigOptions): Promise<string[]> {
  const [id, other] = await handoffs.find(ending)
  const see = `nothing was changed. See: parley handoffs${sameBot(options)}`
  if (id === undefined) throw new CommandFailure(`No open request has the id ${ending}; ${see}`)
  if (other === undefined) return handoffs.close(id)
  throw new CommandFailure(`More than one open request has the id ${ending}; ${see} --json`)
}

/** Of an id in the list: enough to tell the requests apart. */
const shortOf = (id: string): string => id.slice(-8)

function parseId(value: string, before: string[] = []): string[] {
  if (!/^[A-Za-z\d-]{1,64}$/.test(value))
    throw new InvalidArgumentError('Expected an id as the list shows it.')
  return [...before, value]
}

/** Who waits, where they can be reached, and what they said, oldest first. */
async function printHandoff(handoff: Handoff, { read }: Store): Promise<void> {
  const { id, createdAt, conversationId, reason, summary } = handoff
  const since = new Date(createdAt).toISOString().slice(0, 16).replace('T', ' ')
  const conversation = await read.conversations.get(conversationId)
  print(`${since} UTC  ${conversation?.channel ?? ''}  ${reason}  ${paint('dim', shortOf(id))}`)
  const address = addressOf(handoff)
  if (address !== undefined) quote(`  contact: ${onOneLine(address)}`)
  const messages = await read.messages.page(conversationId, { limit: messagesRead })
  const written = messages.filter(
    ({ author, kind, text }) => author === 'contact' && kind === 'text' && !isCommand.test(text),
  )
  const last = written.slice(-linesShown).map(({ text }) => onOneLine(text))
  const kept = summary.split('\n').map(onOneLine)
  const besides = kept.filter((line) => line !== '' && !last.some((text) => text.includes(line)))
  const lines = [...besides.slice(-linesShown), ...last].filter((line) => line !== address)
  for (const line of lines) quote(`  > ${line}`)
  print()
}
