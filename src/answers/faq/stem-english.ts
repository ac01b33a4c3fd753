const vowel = /[aeiouy]/

/** Words whose ending only looks like a suffix. */
const whole = new Set([
  'business',
  'news',
  'always',
  'series',
  'process',
  'pricing',
  'during',
  'being',
  'going',
  'thing',
  'something',
  'anything',
  'everything',
  'need',
  'speed',
  'feed',
  'used',
  'using',
  'mine',
  'quite',
  'busy',
  'evening',
  'definitely',
  'production',
  'installment',
  'meaning',
  'costly',
])

/**
 * The stem of a lower-case English word: plural, past, -ing, -ly and the commonest noun endings go. Lighter
 * than Porter's on purpose: `customer` must not meet `custom`.
 */
export function stemEnglish(word: string): string {
  if (word.length < 4 || whole.has(word)) return word
  const singular = stripPlural(word)
  if (whole.has(singular)) return singular
  const inflected = stripInflection(singular)
  return stripDerivation(inflected)
}

function stripPlural(word: string): string {
  if (/(?:ss|sh|ch|x)es$/.test(word)) return word.slice(0, -2)
  if (word.endsWith('ies')) return word.length > 4 ? `${word.slice(0, -3)}y` : word.slice(0, -1)
  if (/(?:ss|us|is)$/.test(word)) return word
  return word.endsWith('s') ? word.slice(0, -1) : word
}

function stripInflection(word: string): string {
  const match = /^(.{2,})(?:ingly|edly|ing|ed)$/.exec(word)
  const base = match?.[1]
  if (base === undefined || !vowel.test(base)) return word
  return /([bdfgmnprt])\1$/.test(base) ? base.slice(0, -1) : base
}

const derivations = [
  'isation',
  'ization',
  'ation',
  'ment',
  'ness',
  'ably',
  'able',
  'ally',
  'at',
  'ance',
  'ence',
  'ise',
  'ize',
  'ate',
  'ion',
  'ive',
  'al',
  'ly',
]

function stripDerivation(word: string): string {
  const suffix = derivations.find((ending) => word.endsWith(ending) && word.length - ending.length >= 4)
  const base = suffix ? word.slice(0, -suffix.length) : word
  return base.length > 3 ? base.replace(/(?:e|y|i)$/, '') : base
}
