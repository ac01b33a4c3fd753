import type { Contact } from '../../model/contact.ts'
import type { Conversation } from '../../model/conversation.ts'
import type { Texts } from '../../model/texts/texts.ts'
import type { Writer } from '../../store/store.ts'
import { inert } from './inert.ts'

/** A chat of the team's where notes go. */
export interface NoteTarget {
  channel: string
  account: string
  chatId: string
  threadId: string
  kind: 'private' | 'group'
  /** As the channel delivers: `queued` where it pushes, `sent` where its readers fetch. */
  repliesAre: 'queued' | 'sent'
}

const nameLength = 80
const idLength = 64
const wordsLength = 300

interface Note {
  title: string
  contact: Contact
  conversation: Conversation
  reason?: 'asked' | 'button'
  /** What the person wrote last, oldest first. */
  words: readonly string[]
}

/** A note to the team, in Markdown; a person's words are shown, never obeyed: nothing of them can be pressed. */
export function noteOf({ title, contact, conversation, reason, words }: Note, texts: Texts): string {
  const who = {
    name: inert(contact.name, nameLength) || '?',
    channel: conversation.channel,
    id: inert(contact.platformId, idLength),
  }
  const said = words.map((each) => inert(each, wordsLength)).filter(Boolean)
  const lines = [
    `**${title}**`,
    texts.noteWho(who),
    texts.noteConversation(inert(conversation.id, idLength)),
    ...(reason ? [texts.noteReason(reason)] : []),
    ...(said.length > 0
      ? [texts.noteLastWords, said.map((each) => `> ${each}`).join('\n>\n')]
      : [texts.noteNoWords]),
  ]
  return lines.join('\n\n')
}

/** The targets a note about this conversation can go to: never the conversation itself. */
export const targetsFor = (targets: readonly NoteTarget[], conversation: Conversation): NoteTarget[] =>
  targets.filter(
    ({ channel, account, chatId, threadId }) =>
      channel !== conversation.channel ||
      account !== conversation.account ||
      chatId !== conversation.chatId ||
      threadId !== conversation.threadId,
  )

/** Queues the note for every target, in the turn's own transaction. */
export async function postNote(
  tx: Writer,
  targets: readonly NoteTarget[],
  text: string,
  now: number,
): Promise<void> {
  for (const { repliesAre, ...to } of targets)
    await tx.outbox.post(to, { text, buttons: undefined }, repliesAre, now)
}
