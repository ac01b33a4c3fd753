/** General words of one language. Lists are separated by commas; phrases may have several words. */
export interface Lexicon {
  /** Said out of politeness or habit; taken out before anything else is looked at. */
  fillers: string
  /** Words that carry no topic of their own; they count only within phrases. */
  light: string
  /** Words by which the person addresses whoever runs the bot. */
  address: string
  /** Words by which the person speaks for a group ("we", "наш"), as customers of a business do. */
  group: string
  /** Words by which the person speaks of themselves, or to the bot as a person ("my", "ты"). */
  personal: string
  /** Name of a concept to the words and phrases that mean it. */
  concepts: Readonly<Record<string, string>>
}

/** The items of a comma-separated list. */
export const itemsOf = (list: string): string[] =>
  list
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
