import type { FinishReason } from '../../llm/llm.ts'

/** Below this an answer is followed by an offer to rephrase or to talk to a human. */
export const sureEnough = 0.8
/** Below this a human is offered first. */
export const unsure = 0.5

const hedges = [
  'i think',
  'i believe',
  'i guess',
  'i suppose',
  "i'm not sure",
  'i am not sure',
  "i'm not certain",
  'i am not certain',
  "i don't know",
  'i do not know',
  'as far as i know',
  'it seems',
  'it depends',
  'perhaps',
  'maybe',
  'possibly',
  'probably',
  'might',
  'возможно',
  'может быть',
  'наверное',
  'наверно',
  'вероятно',
  'скорее всего',
  'кажется',
  'по-видимому',
  'видимо',
  'предположительно',
  'насколько я знаю',
  'насколько мне известно',
  'я думаю',
  'думаю, что',
  'полагаю',
  'не уверен',
  'не уверена',
  'я не знаю',
  'зависит от',
]

const hedge = new RegExp(`(?<![\\p{L}\\p{N}])(?:${hedges.join('|')})(?![\\p{L}\\p{N}])`, 'giu')

export interface Assessment {
  /** 0.1 to 0.9. */
  confidence: number
  /** Hedging phrases found. */
  hedges: number
}

/**
 * How sure an answer is: 0.9, less 0.3 when it was not finished normally, less 0.2 under 50 characters, less 0.1 for
 * each hedge up to 0.3.
 */
export function assess(text: string, finish: FinishReason): Assessment {
  const found = text.replaceAll('’', "'").match(hedge)?.length ?? 0
  // Tenths, so that 0.9 − 0.1 is exactly 0.8.
  const tenths = 9 - (finish === 'stop' ? 0 : 3) - (text.trim().length < 50 ? 2 : 0) - Math.min(found, 3)
  return { confidence: tenths / 10, hedges: found }
}
