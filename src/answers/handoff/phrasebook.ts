/** How a language asks for a human. All words lower case. */
export interface Phrasebook {
  /** Talk, connect, fetch: followed by a human they are a request wherever they stand. */
  reach: ReadonlySet<string>
  /** Need, want, give: a request only when the human is all that is wanted. */
  want: ReadonlySet<string>
  /** What may stand between the verb and the human. */
  links: ReadonlySet<string>
  /** Adjectives and articles before the human. */
  modifiers: ReadonlySet<string>
  /** Of these, the ones that make any human a living one. */
  living: ReadonlySet<string>
  /** Humans one can reach. */
  humans: ReadonlySet<string>
  /** Forms that are no human after a verb, and no slip of one: "вызвать оператор" is programming. */
  things: ReadonlySet<string>
  /** Humans whose bare mention is a request. */
  plain: ReadonlySet<string>
  /** Words of politeness and grammar in a short request. */
  fillers: ReadonlySet<string>
  /** What may follow the human; anything else makes it a part of another thing ("human resources"). */
  followers: ReadonlySet<string> | undefined
  negators: ReadonlySet<string>
  /** Words after a negator that make it none ("не могли бы вы"). */
  polite: ReadonlySet<string>
  /** Somebody else who would talk to the human: a question about the product, no request. */
  others: ReadonlySet<string>
}

/** A set of the words of a text. */
export const wordSet = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter(Boolean))
