import type { Clock } from '../../model/time.ts'
import type { Destination } from '../channel.ts'
import type { BotApi } from './api.ts'
import { createDraft, type Draft } from './draft.ts'
import { isBlank } from './markdown/characters.ts'
import { longestText, renderMarkdown } from './markdown/render.ts'
import type { Pacing } from './pacing.ts'
import { target } from './sender.ts'
import { splitMarkdown } from './split/split.ts'

export interface PreviewNeeds {
  api: BotApi
  clock: Clock
  /** Milliseconds until Telegram listens again. */
  blockedFor(): number
  pacing: Pick<Pacing, 'askDraft' | 'closeDrafts'>
}

export interface Previews {
  show(destination: Destination, turnId: string, text: string): void
  /** The final message of this conversation is about to leave: resolves when no draft can overtake it. */
  finish(conversationId: string): Promise<void>
  stop(): void
}

const mostDrafts = 5000

/**
 * The answer while it is made, as `sendMessageDraft` shows it, in private chats. One that is over the send limits is
 * left out. Given up for good where the server does not know the method.
 */
export function createPreviews({ api, clock, blockedFor, pacing }: PreviewNeeds): Previews {
  const drafts = new Map<string, Draft>()
  let supported = true

  async function push(destination: Destination, turnId: string, source: string): Promise<void> {
    const shown = renderEnd(source)
    if (!shown || !supported || !(await pacing.askDraft())) return
    const answer = await api.call('sendMessageDraft', {
      ...target(destination),
      draft_id: draftId(turnId),
      ...shown,
    })
    if (answer.ok) return
    if (answer.status === 404) supported = false
    if (answer.status === 429) pacing.closeDrafts(answer.retryAfterMs ?? 1000)
  }

  function draftOf(destination: Destination, turnId: string): Draft {
    const known = drafts.get(destination.conversationId)
    if (known?.turnId === turnId) return known
    void known?.finish()
    const [oldest] = drafts.keys()
    if (drafts.size >= mostDrafts && oldest !== undefined) drafts.delete(oldest)
    const draft = createDraft({ turnId, clock, blockedFor, push: (text) => push(destination, turnId, text) })
    drafts.set(destination.conversationId, draft)
    return draft
  }

  return {
    show(destination, turnId, text) {
      if (supported && destination.kind === 'private') draftOf(destination, turnId).show(text)
    },
    finish: async (conversationId) => drafts.get(conversationId)?.finish(),
    stop() {
      supported = false
      for (const draft of drafts.values()) void draft.finish()
      drafts.clear()
    },
  }
}

/** The last part of a text as a draft shows it; `undefined` when there is nothing to see. */
function renderEnd(source: string): object | undefined {
  const part = source.length <= longestText ? source : (splitMarkdown(source, longestText).at(-1) ?? '')
  const { text, entities } = renderMarkdown(part)
  if (isBlank(text)) return undefined
  return entities.length > 0 ? { text, entities } : { text }
}

/** A non-zero id made of the turn's (FNV-1a, 31 bits): drafts of one turn are one bubble. */
function draftId(turnId: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < turnId.length; at += 1) hash = Math.imul(hash ^ turnId.charCodeAt(at), 0x01000193)
  return hash & 0x7fffffff || 1
}
