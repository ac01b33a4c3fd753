import type { StoredMessage } from '../../model/message.ts'
import { offerToReach } from '../../model/texts/offer.ts'
import type { Answer, Turn } from '../answers.ts'
import type { HandoffNeeds } from './needs.ts'
import { targetsFor } from './note.ts'
import { asksHowToReach } from './reach-team.ts'

/** From this many words on, what is said beside is a matter of its own. */
const remarkLength = 8

/** How the team is reached, in the owner's words, and what can be done from here; what was asked besides is left. */
export function tellHowToReach({ contact, targets }: HandoffNeeds, turn: Turn): Answer | undefined {
  if (!contact || !turn.messages.some(asks)) return undefined
  const own = contact(turn.language)
  const offer = offerToReach(turn.language, targetsFor(targets, turn.conversation).length > 0)
  const buttons = [...(own.buttons ?? []), ...(offer.buttons ?? [])]
  return {
    replies: [{ text: `${own.text.trim()}\n\n${offer.text}`, buttons }],
    confidence: 1,
    trace: { trigger: 'contact' },
    leaves: turn.messages.flatMap(restOf),
  }
}

const asks = ({ kind, text }: StoredMessage): boolean => kind !== 'button' && asksHowToReach(text)

/** Of a message that asks for it, the other sentences, unless they are a few words around it. */
function restOf(message: StoredMessage): StoredMessage[] {
  if (!asks(message)) return [message]
  const others = message.text.split(/(?<=[.!?？…])\s+|\n+/u).filter((sentence) => !asksHowToReach(sentence))
  const rest = others.filter((each) => /[?？]/u.test(each) || each.split(/\s+/).length >= remarkLength)
  return rest.length > 0 ? [{ ...message, text: rest.join('\n') }] : []
}
