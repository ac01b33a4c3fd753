/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Where a value of a JSON text stands, and the key before it. */
interface Span {
  start: number
  end: number
  key: { start: number; text: string } | undefined
}

export interface Mutator {
  /** A spoiled copy of one of the texts. */
  next(): Buffer
}

type Random = { below(limit: number): number; pick<T>(from: readonly T[]): T }

/** Values nobody expects, as they stand in JSON. */
const oddities = [
  'null',
  'true',
  '-1',
  '0.5',
  '""',
  '[]',
  '{}',
  '["open"]',
  '[[[{}]]]',
  '{"toString":1,"valueOf":null}',
  '{"length":4294967296}',
  '1e400',
  '-1e400',
  '1e-400',
  '-0',
  '9007199254740993',
  '-9223372036854775809',
  '99999999999999999999999999999999',
  `1${'0'.repeat(400)}`,
  '"\\ud800"',
  '"\\udc00\\ud800 turned"',
  '"\\u0000"',
  '"a\\u0000b\\u202e\\ufeff"',
  '"../etc/passwd"',
  '"\'; drop table messages; --"',
  '"/start@"',
  '"😀"',
  '"__proto__"',
]
const prototypeKeys = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'toJSON',
  'hasOwnProperty',
  'then',
]
const noise = ['\0', '\\', '"', '{', '}', ',', '\\u', '\ud83d', 'NaN', '\u2028', '-', 'é']

/**
 * Spoils JSON texts in every way a sender might: flipped bytes, lost ends, other types, deep nesting, huge numbers, halves
 * of surrogate pairs, NUL, keys twice, keys of prototypes, and sizes beyond `largest` bytes. A text may hold runs of `#`,
 * which get the digits of a counter and must be long enough for them.
 */
export function createMutator(options: { seed: number; texts: readonly string[]; largest: number }): Mutator {
  const random = randomOf(options.seed)
  const known = options.texts.map((text) => ({ text, spans: spansOf(text.replaceAll('#', '1')) }))
  let count = 0
  return {
    next() {
      count += 1
      const { text, spans } = random.pick(known)
      const numbered = text.replace(/#+/g, ({ length }) => String(10 ** (length - 1) + count))
      if (random.below(500) === 0) return oversized(random, numbered, spans, options.largest)
      const spoil = random.pick(ways)
      const spoiled = spoil(random, numbered, spans)
      return typeof spoiled === 'string' ? Buffer.from(spoiled) : spoiled
    },
  }
}

function randomOf(seed: number): Random {
  const next = seededRandom(seed)
  const below = (limit: number): number => Math.floor(next() * limit)
  return { below, pick: (from) => from[below(from.length)] as (typeof from)[number] }
}

type Way = (random: Random, text: string, spans: readonly Span[]) => string | Buffer

const put = (text: string, { start, end }: Pick<Span, 'start' | 'end'>, piece: string): string =>
  text.slice(0, start) + piece + text.slice(end)

const at = (place: number): Pick<Span, 'start' | 'end'> => ({ start: place, end: place })

const otherType: Way = (random, text, spans) => put(text, random.pick(spans), random.pick(oddities))

const otherTypes: Way = (random, text, spans) => {
  const places = [random.pick(spans), random.pick(spans)].toSorted((a, b) => b.start - a.start)
  const [last, first] = places as [Span, Span]
  const once = put(text, last, random.pick(oddities))
  return first.end <= last.start ? put(once, first, random.pick(oddities)) : once
}

const lostKey: Way = (random, text, spans) => {
  const { key, end } = random.pick(spans)
  if (!key) return text.slice(0, end)
  return put(text, { start: key.start, end: text[end] === ',' ? end + 1 : end }, '').replace(',}', '}')
}

const keyTwice: Way = (random, text, spans) => {
  const { key } = random.pick(spans)
  return key ? put(text, at(key.start), `${key.text}:${random.pick(oddities)},`) : text + text
}

const prototypeKey: Way = (random, text, spans) => {
  const { key } = random.pick(spans)
  const added = `"${random.pick(prototypeKeys)}":${random.pick(oddities)},`
  return key ? put(text, at(key.start), added) : `{${added}"a":${text}}`
}

const nested: Way = (random, text, spans) => {
  const depth = 1 + random.below(random.below(10) === 0 ? 5000 : 100)
  const [open, close] = random.pick([
    ['[', ']'],
    ['{"a":', '}'],
  ] as const)
  return put(text, random.pick(spans), open.repeat(depth) + random.pick(oddities) + close.repeat(depth))
}

/** Into the middle of a string, or around a number. */
const within: Way = (random, text, spans) => {
  const { start, end } = random.pick(spans)
  const place = start + 1 + random.below(Math.max(1, end - start - 1))
  return put(text, at(place), random.pick([...noise, '\\ud800', '\\udfff', '\\u0000', '9'.repeat(30)]))
}

const flipped: Way = (random, text) => {
  const bytes = Buffer.from(text)
  for (let flips = 1 + random.below(4); flips > 0; flips -= 1) {
    const place = random.below(bytes.length)
    bytes[place] = (bytes[place] ?? 0) ^ (1 << random.below(8))
  }
  return bytes
}

const cut: Way = (random, text) => text.slice(0, random.below(text.length))

const doubled: Way = (random, text) => {
  const from = random.below(text.length)
  return put(text, at(from), text.slice(from, from + random.below(60)))
}

const garbage: Way = (random) =>
  Buffer.from(Array.from({ length: random.below(200) }, () => random.below(256)))

const ways = [
  otherType,
  otherType,
  otherTypes,
  lostKey,
  keyTwice,
  prototypeKey,
  nested,
  within,
  within,
  flipped,
  flipped,
  cut,
  doubled,
  garbage,
]

function oversized(random: Random, text: string, spans: readonly Span[], largest: number): Buffer {
  const size = random.pick([0.1, 0.5, 1.1]) * largest
  return Buffer.from(put(text, random.pick(spans), `"${'x'.repeat(size)}"`))
}

const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g

/** Every value of a well-formed JSON text. */
function spansOf(text: string): Span[] {
  const spans: Span[] = []
  const open: Span[] = []
  let key: Span['key']
  let before: { start: number; text: string } | undefined
  for (const { 0: word, index } of text.matchAll(token)) {
    if (word === ':') {
      key = before
      spans.pop()
    } else if (word === '}' || word === ']') {
      const span = open.pop()
      if (span) span.end = index + 1
    } else if (word !== ',') {
      const span = { start: index, end: index + word.length, key }
      spans.push(span)
      key = undefined
      if (word === '{' || word === '[') open.push(span)
    }
    before = { start: index, text: word }
  }
  return spans
}
