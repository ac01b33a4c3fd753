import { actions } from '../actions.ts'
import type { Language } from '../language.ts'
import type { Button, Reply, StoredMessage } from '../message.ts'
import { textsOf } from './texts.ts'

export const humanButton = (language: Language): Button => ({
  label: textsOf(language).humanLabel,
  action: actions.human,
})

const rephraseButton = (language: Language): Button => ({
  label: textsOf(language).rephraseLabel,
  action: actions.rephrase,
})

/** Ask in other words, or talk to a human. */
export const offerChoice = (language: Language, text: string): Reply => ({
  text,
  buttons: [[rephraseButton(language)], [humanButton(language)]],
})

/** The same, the human first. */
export const offerHumanFirst = (language: Language, text: string): Reply => ({
  text,
  buttons: [[humanButton(language)], [rephraseButton(language)]],
})

/** How the team is reached from here: a note where one `reaches` it, else an address for it. */
export const offerToReach = (language: Language, reaches: boolean): Reply => ({
  text: reaches ? textsOf(language).contactOffer : textsOf(language).contactKept,
  buttons: [[humanButton(language)]],
})

/** Whether a stored reply is such an offer: it is no part of what was talked about. */
export const isOffer = ({ buttons }: Pick<StoredMessage, 'buttons'>): boolean =>
  buttons?.flat().some(({ action }) => action === actions.rephrase) ?? false
