import { languages as allLanguages } from '../../model/language.ts'
import type { FaqEntry, FaqFile } from './file.ts'
import { englishElsewhere, russianElsewhere } from './lexicon/elsewhere.ts'
import { english } from './lexicon/english.ts'
import { russian } from './lexicon/russian.ts'
import { createMatcher, type Matcher, type Phrasing } from './matcher.ts'
import { createVocabulary } from './vocabulary.ts'
import { wordsOf } from './words.ts'

/** A FAQ file, ready to answer from. */
export interface Faq {
  entries: ReadonlyMap<string, FaqEntry>
  matcher: Matcher
}

/** Prepares a file for the questions of people; takes a few hundred milliseconds. */
export function prepareFaq(file: FaqFile): Faq {
  const phrasings = phrasingsOf(file)
  const wordsOfAll = (answered: boolean) =>
    phrasings.filter(({ entry }) => (entry !== undefined) === answered).map(({ words }) => words)
  const vocabulary = createVocabulary({
    lexicons: [english, russian],
    elsewhere: [englishElsewhere, russianElsewhere],
    concepts: file.concepts,
    names: file.names,
    answered: wordsOfAll(true),
    unanswered: wordsOfAll(false),
  })
  return {
    entries: new Map(file.entries.map((entry) => [entry.id, entry])),
    matcher: createMatcher({ phrasings, vocabulary }),
  }
}

function phrasingsOf(file: FaqFile): Phrasing[] {
  return allLanguages.flatMap((language) => [
    ...file.entries.flatMap((entry) => {
      const texts = entry[language]
      const asked = texts ? [texts.question, ...texts.variants] : []
      return asked.map((text): Phrasing => ({ entry: entry.id, language, text, words: wordsOf(text) }))
    }),
    ...file.not_answered[language].map(
      (text): Phrasing => ({ entry: undefined, language, text, words: wordsOf(text) }),
    ),
  ])
}
