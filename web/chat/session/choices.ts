import type { PageButton, PageMessage } from '../../../src/http/contract/socket.ts'
import type { Draft } from './state.ts'

const labels = (buttons: PageButton[][] | undefined): string[] =>
  buttons?.flatMap((row) => row.map((button) => button.label)) ?? []

/**
 * Which labels were chosen under each message with buttons, by sequence (0: the greeting). A choice is the
 * person's own next words that equal a label, so that it is known after a reload and in every tab.
 */
export function choices(
  messages: PageMessage[],
  drafts: Draft[],
  greeting: PageButton[][] | undefined,
): Map<number, Set<string>> {
  const offered = new Map<string, number>(labels(greeting).map((label) => [label, 0]))
  const chosen = new Map<number, Set<string>>()
  const choose = (seq: number | undefined, label: string) => {
    if (seq === undefined) return
    chosen.set(seq, (chosen.get(seq) ?? new Set()).add(label))
  }
  for (const message of messages) {
    if (message.author === 'contact') choose(offered.get(message.text), message.text)
    for (const label of labels(message.buttons)) offered.set(label, message.seq)
  }
  for (const draft of drafts) choose(draft.press?.seq ?? offered.get(draft.text), draft.text)
  return chosen
}
