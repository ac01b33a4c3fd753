import type { Clock } from '../../model/time.ts'
import type { Destination } from '../channel.ts'
import type { ApiFailure, BotApi } from './api.ts'
import { isBlank } from './markdown/characters.ts'
import { longestText, renderMarkdown } from './markdown/render.ts'
import { target } from './sender.ts'
import { splitMarkdown } from './split/split.ts'

export interface PreviewNeeds {
  api: BotApi
  clock: Clock
  /** Milliseconds until Telegram listens again. */
  blockedFor(): number
  /** Told of a 429. */
  blocked(ms: number): void
}

export interface Previews {
  show(destination: Destination, turnId: string, text: string): void
  /** The final message of this conversation is about to leave: resolves when no draft can overtake it. */
  finish(conversationId: string): Promise<void>
  stop(): void
}

interface Draft {
  turnId: string
  destination: Destination
  /** The newest text not shown yet. */
  text: string | undefined
  shownAt: number
  timer: NodeJS.Timeout | undefined
  flight: Promise<void> | undefined
  finished: boolean
}

const everyMs = 700
/** A draft that is not answered does not hold the final message longer than this. */
const patienceMs = 1500
const mostDrafts = 5000

/**
 * The answer while it is made, as `sendMessageDraft` shows it: in private chats, the newest text only, and never
 * after the final message. Given up for good where the server does not know the method.
 */
export function createPreviews({ api, clock, blockedFor, blocked }: PreviewNeeds): Previews {
  const drafts = new Map<string, Draft>()
  let supported = true

  function draftOf(destination: Destination, turnId: string): Draft {
    const known = drafts.get(destination.conversationId)
    if (known?.turnId === turnId) return known
    clearTimeout(known?.timer)
    const draft: Draft = {
      turnId,
      destination,
      text: undefined,
      shownAt: 0,
      timer: undefined,
      flight: known?.flight,
      finished: false,
    }
    const [oldest] = drafts.keys()
    if (drafts.size >= mostDrafts && oldest !== undefined) drafts.delete(oldest)
    drafts.set(destination.conversationId, draft)
    return draft
  }

  function plan(draft: Draft): void {
    if (draft.timer || draft.flight || draft.text === undefined || draft.finished) return
    const ms = Math.max(0, draft.shownAt + everyMs - clock.now(), blockedFor())
    draft.timer = setTimeout(() => {
      draft.timer = undefined
      if (draft.finished || draft.text === undefined) return
      const { text } = draft
      draft.text = undefined
      draft.shownAt = clock.now()
      draft.flight = push(draft, text).finally(() => {
        draft.flight = undefined
        plan(draft)
      })
    }, ms)
    draft.timer.unref()
  }

  async function push(draft: Draft, source: string): Promise<void> {
    const part = source.length <= longestText ? source : (splitMarkdown(source, longestText).at(-1) ?? '')
    const { text, entities } = renderMarkdown(part)
    if (isBlank(text)) return
    const answer = await api.call('sendMessageDraft', {
      ...target(draft.destination),
      draft_id: draftId(draft.turnId),
      text,
      ...(entities.length > 0 ? { entities } : {}),
    })
    if (!answer.ok) refused(answer)
  }

  function refused({ status, retryAfterMs }: ApiFailure): void {
    if (status === 404) supported = false
    if (status === 429) blocked(retryAfterMs ?? 1000)
  }

  return {
    show(destination, turnId, text) {
      if (!supported || destination.kind !== 'private') return
      const draft = draftOf(destination, turnId)
      draft.text = text
      plan(draft)
    },
    async finish(conversationId) {
      const draft = drafts.get(conversationId)
      if (!draft) return
      draft.finished = true
      clearTimeout(draft.timer)
      if (draft.flight) {
        const patience = new Promise((resolve) => setTimeout(resolve, patienceMs).unref())
        await Promise.race([draft.flight, patience])
      }
    },
    stop() {
      for (const draft of drafts.values()) clearTimeout(draft.timer)
      drafts.clear()
      supported = false
    },
  }
}

/** A non-zero id made of the turn's (FNV-1a, 31 bits): drafts of one turn are one bubble. */
function draftId(turnId: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < turnId.length; at += 1) hash = Math.imul(hash ^ turnId.charCodeAt(at), 0x01000193)
  return hash & 0x7fffffff || 1
}
