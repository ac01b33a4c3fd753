import type { Language } from '../../model/language.ts'
import type { Reply } from '../../model/message.ts'
import { offerChoice, offerHumanFirst } from '../../model/texts/offer.ts'
import { textsOf } from '../../model/texts/texts.ts'
import type { DeclineReason } from '../answers.ts'
import { sureEnough, unsure } from './confidence.ts'

/** What follows an answer: nothing when it is sure enough, else the way to ask again or to a human. */
export function offersAfter(
  confidence: number,
  declined: readonly DeclineReason[],
  language: Language,
): Reply[] {
  const texts = textsOf(language)
  if (declined.includes('complaint')) return [offerHumanFirst(language, texts.complaint)]
  if (declined.includes('frustrated')) return [offerHumanFirst(language, texts.frustrated)]
  if (confidence < unsure) return [offerHumanFirst(language, texts.offerHuman)]
  if (confidence < sureEnough) return [offerChoice(language, texts.offerRephraseOrHuman)]
  return []
}
