import type { Handoff, Writer } from '../../src/store/store.ts'

type Post = Parameters<Writer['outbox']['post']>

/** What a commit wrote. */
export interface Written {
  handoffs: Handoff[]
  posts: { to: Post[0]; text: string; repliesAre: Post[2] }[]
  summaries: { id: string; summary: string; seq: number }[]
}

/**
 * Runs an answer's commit on a writer that keeps what answers may write, and refuses everything else. `found`: the person's
 * open request, and the notes of the last hour, as the transaction finds them.
 */
export async function commitOf(
  answer: { commit?: (tx: Writer) => Promise<void> } | undefined,
  found: { open?: Handoff; notes?: number } = {},
): Promise<Written> {
  const written: Written = { handoffs: [], posts: [], summaries: [] }
  const refuse = async () => {
    throw new Error('an answer does not do that')
  }
  const messages = {
    page: refuse,
    said: refuse,
    since: refuse,
    buttonsOf: refuse,
    waiting: refuse,
    waitingSince: refuse,
    backlog: refuse,
  }
  await answer?.commit?.({
    messages,
    inbox: { accept: refuse },
    leases: {
      until: refuse,
      hold: refuse,
      release: refuse,
      close: refuse,
      open: refuse,
      closedUntil: refuse,
      closedSince: refuse,
    },
    retention: {
      conversations: refuse,
      contacts: refuse,
      limits: refuse,
      dropConversations: refuse,
      dropContacts: refuse,
      dropLimits: refuse,
      dropTraces: refuse,
      dropBudgetDays: refuse,
      dropLeases: refuse,
    },
    budget: {
      day: refuse,
      latest: refuse,
      hasExpired: refuse,
      reserve: refuse,
      settle: refuse,
      expire: refuse,
      mark: refuse,
    },
    accounts: { backlogs: refuse, seemsAlive: refuse, giveUp: refuse },
    deadLetters: { list: refuse, find: refuse, revive: refuse, drop: refuse },
    limits: { restricted: refuse, lift: refuse, ban: refuse, takeCalls: refuse },
    turns: {
      ofMessage: refuse,
      later: refuse,
      waiting: refuse,
      take: refuse,
      renew: refuse,
      commit: refuse,
      release: refuse,
    },
    conversations: {
      get: refuse,
      find: refuse,
      listOfContact: refuse,
      changeOwner: refuse,
      summarize: async (id, summary, seq) => void written.summaries.push({ id, summary, seq }),
    },
    handoffs: {
      open: async () => written.handoffs,
      openOf: async () => found.open,
      find: async () => [],
      notes: async () => found.notes ?? 0,
      close: refuse,
      offer: async (handoff) => void written.handoffs.push(handoff),
    },
    outbox: {
      hasten: refuse,
      claim: refuse,
      renew: refuse,
      settle: refuse,
      due: refuse,
      later: refuse,
      post: async (to, { text }, repliesAre) => {
        written.posts.push({ to, text, repliesAre })
        return { conversationId: 'notes', seq: written.posts.length }
      },
    },
  })
  return written
}
