import { Command, InvalidArgumentError } from 'commander'
import { openStore } from '../store/open.ts'
import { type ConfigOptions, configOption, requireConfig } from './configuration.ts'
import { harmless, print, printJson, printTable } from './terminal.ts'

interface Options extends ConfigOptions {
  json?: boolean
  limit: number
}

export function handoffsCommand(): Command {
  return new Command('handoffs')
    .description(
      'Lists the conversations in which a human was offered and none has answered yet, newest first.',
    )
    .addOption(configOption())
    .option('-n, --limit <count>', 'how many at most', parseLimit, 20)
    .option('--json', 'for machines')
    .action(listHandoffs)
}

async function listHandoffs({ json, limit, ...options }: Options): Promise<void> {
  const { config } = requireConfig(options)
  const store = await openStore(config.database, { onConnectionError: () => undefined })
  try {
    const open = await store.read.handoffs.open(limit)
    if (json) return printJson(open)
    if (open.length === 0) return print('Nobody waits for a human.')
    const rows = open.map(({ createdAt, conversationId, reason, summary }) => [
      new Date(createdAt).toISOString().slice(0, 16).replace('T', ' '),
      conversationId,
      reason,
      shorten(summary),
    ])
    printTable([['SINCE (UTC)', 'CONVERSATION', 'REASON', 'LAST WORDS'], ...rows])
  } finally {
    await store.close()
  }
}

/** On one line. */
function shorten(text: string): string {
  const line = harmless(text).replace(/\s+/g, ' ').trim()
  return line.length > 60 ? `${line.slice(0, 59)}…` : line
}

function parseLimit(value: string): number {
  if (/^[1-9]\d{0,3}$/.test(value)) return Number(value)
  throw new InvalidArgumentError('Expected a number from 1 to 9999.')
}
