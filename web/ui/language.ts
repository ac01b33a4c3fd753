import { languageFor, type Texts, textsFor } from './texts/texts.ts'

/** The language of the interface, by the browser's preferences; also the tag for dates and numbers. */
export const language: string = languageFor(navigator.languages)

/** The words of the interface. A page has one language for as long as it is open. */
export const texts: Texts = textsFor(language)
