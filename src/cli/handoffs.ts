import { Command } from 'commander'
import type { Handoff, Store } from '../store/store.ts'
import { type ConfigOptions, configOption } from './configuration.ts'
import { limitOption } from './limit-option.ts'
import { harmless, paint, print, printJson, quote } from './terminal.ts'
import { withStore } from './with-store.ts'

interface Options extends ConfigOptions {
  json?: boolean
  limit: number
}

const messagesRead = 30
/** Of the messages, and of what the request keeps. */
const linesShown = 5
const longestLine = 300

export function handoffsCommand(): Command {
  return new Command('handoffs')
    .description(
      'Lists the conversations in which a human was offered and none has answered yet, newest first.',
    )
    .addOption(configOption())
    .addOption(limitOption(20))
    .option('--json', 'for machines')
    .action(listHandoffs)
}

function listHandoffs({ json, limit, ...options }: Options): Promise<void> {
  return withStore(options, async (store) => {
    const open = await store.read.handoffs.open(limit)
    if (json) return printJson(open)
    if (open.length === 0) return print('Nobody waits for a human.')
    for (const handoff of open) await printHandoff(handoff, store)
  })
}

/** Who waits, and what they wrote last; before it what the request keeps besides, a left e-mail address first. */
async function printHandoff(handoff: Handoff, { read }: Store): Promise<void> {
  const { createdAt, conversationId, reason, summary } = handoff
  const since = new Date(createdAt).toISOString().slice(0, 16).replace('T', ' ')
  const conversation = await read.conversations.get(conversationId)
  print(`${since} UTC  ${conversation?.channel ?? ''}  ${reason}  ${paint('dim', conversationId)}`)
  const messages = await read.messages.page(conversationId, { limit: messagesRead })
  const written = messages.filter(({ author, kind }) => author === 'contact' && kind === 'text')
  const last = written.slice(-linesShown).map(({ text }) => onOneLine(text))
  const kept = summary.split('\n').map(onOneLine)
  const besides = kept.filter((line) => line !== '' && !last.some((text) => text.includes(line)))
  for (const line of [...besides.slice(0, linesShown), ...last]) quote(`  > ${line}`)
  print()
}

function onOneLine(text: string): string {
  const line = harmless(text).replace(/\s+/g, ' ').trim()
  return line.length > longestLine ? `${line.slice(0, longestLine - 1)}…` : line
}
