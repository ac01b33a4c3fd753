// Snowball's Russian algorithm (https://snowballstem.org/algorithms/russian/stemmer.html), on words with ё written е.
const perfectiveGerund = /(?:(?<=[ая])(?:в|вши|вшись)|ив|ивши|ившись|ыв|ывши|ывшись)$/
const adjective = /(?:ее|ие|ые|ое|ими|ыми|ей|ий|ый|ой|ем|им|ым|ом|его|ого|ему|ому|их|ых|ую|юю|ая|яя|ою|ею)$/
const participle = /(?:(?<=[ая])(?:ем|нн|вш|ющ|щ)|ивш|ывш|ующ)$/
const reflexive = /(?:ся|сь)$/
const verb =
  /(?:(?<=[ая])(?:ла|на|ете|йте|ли|й|л|ем|н|ло|но|ет|ют|ны|ть|ешь|нно)|ила|ыла|ена|ейте|уйте|ите|или|ыли|ей|уй|ил|ыл|им|ым|ен|ило|ыло|ено|ят|ует|уют|ит|ыт|ены|ить|ыть|ишь|ую|ю)$/
const noun =
  /(?:а|ев|ов|ие|ье|е|иями|ями|ами|еи|ии|и|ией|ей|ой|ий|й|иям|ям|ием|ем|ам|ом|о|у|ах|иях|ях|ы|ь|ию|ью|ю|ия|ья|я)$/
const vowels = /[аеиоуыэюя]/

/** Words whose ending only looks like one. */
const whole = new Set([
  'почему',
  'почем',
  'зачем',
  'чему',
  'кому',
  'тому',
  'потом',
  'менее',
  'больше',
  'мало',
  'довольно',
  'доступно',
  'собственно',
])

/** The stem of a lower-case Russian word. */
export function stemRussian(word: string): string {
  if (whole.has(word)) return word
  const start = word.search(vowels) + 1
  if (start === 0 || word.length < 3) return word
  const region = tidy(derive(inflect(word.slice(start)).replace(/и$/, ''), word.slice(0, start)))
  return word.slice(0, start) + region
}

function inflect(region: string): string {
  const gerund = region.replace(perfectiveGerund, '')
  if (gerund !== region) return gerund
  const base = region.replace(reflexive, '')
  const stripped = base.replace(adjective, '')
  if (stripped !== base) return stripped.replace(participle, '')
  const verbal = base.replace(verb, '')
  return verbal === base ? base.replace(noun, '') : verbal
}

/** Drops -ость where enough of the word stays (Snowball's region R2, here three letters before it). */
function derive(region: string, head: string): string {
  return head.length + region.length > 6 ? region.replace(/ость?$/, '') : region
}

const tidy = (region: string): string =>
  region
    .replace(/ейше?$/, '')
    .replace(/нн$/, 'н')
    .replace(/ь$/, '')
