import { actions } from '../../model/actions.ts'
import type { StoredMessage } from '../../model/message.ts'
import { offerHumanFirst } from '../../model/texts/offer.ts'
import { textsOf } from '../../model/texts/texts.ts'
import type { Answer, Answerer, Asked, Turn } from '../answers.ts'
import { keepAddress } from './address-kept.ts'
import { asksForHuman } from './asks.ts'
import { isFrustrated } from './frustration.ts'
import { tellHowToReach } from './how-to-reach.ts'
import type { HandoffNeeds } from './needs.ts'
import { requestHuman } from './request.ts'
import { wishIn } from './wish.ts'

/** A sigh with more words than this holds a question too, which is answered first. */
const sighLength = 12

/**
 * Passes a request for a human on to the team, keeps the address left for it (e-mail, phone, Telegram), and offers a human to somebody
 * frustrated.
 */
export function createHandoff(needs: HandoffNeeds): Answerer {
  return {
    name: 'handoff',
    async answer(turn, asked) {
      const reason = requestIn(turn.messages)
      const request = reason ? await requestHuman(needs, turn, reason) : await keepAddress(needs, turn)
      if (request) return needs.isRehearsal?.(turn.conversation) ? rehearsed(request) : request
      return rephrase(turn) ?? tellHowToReach(needs, turn) ?? offerTo(turn, asked)
    },
  }
}

function requestIn(messages: readonly StoredMessage[]): 'asked' | 'button' | undefined {
  if (messages.some((message) => isPress(message, actions.human))) return 'button'
  return messages.some(({ kind, text }) => kind !== 'button' && asksForHuman(text)) ? 'asked' : undefined
}

/** As it would be answered; nothing is kept. */
const rehearsed = (answer: Answer): Answer => ({
  ...answer,
  commit: async () => undefined,
  trace: { ...answer.trace, rehearsal: true },
})

const isPress = ({ kind, text }: StoredMessage, action: string): boolean =>
  kind === 'button' && text === action

function rephrase(turn: Turn): Answer | undefined {
  const leaves = turn.messages.filter((message) => !isPress(message, actions.rephrase))
  if (leaves.length === turn.messages.length) return undefined
  // Who pressed and wrote on has rephrased already.
  const replies = leaves.length > 0 ? [] : [{ text: textsOf(turn.language).askToRephrase }]
  return { replies, confidence: 1, trace: { trigger: 'rephrase' }, leaves }
}

function offerTo(turn: Turn, asked: Asked | undefined): Answer | undefined {
  const wishes = turn.messages.map(({ kind, text }) => (kind === 'button' ? undefined : wishIn(text)))
  for (const wish of new Set(wishes)) if (wish) asked?.decline(wish)
  if (!turn.messages.some(({ kind, text }) => kind !== 'button' && isFrustrated(text))) return undefined
  if (turn.text.slice(0, 1000).split(/\s+/).length > sighLength) {
    asked?.decline('frustrated')
    return undefined
  }
  const texts = textsOf(turn.language)
  return {
    replies: [offerHumanFirst(turn.language, texts.frustrated)],
    confidence: 1,
    trace: { trigger: 'frustrated' },
  }
}
