// How well the agency's FAQ is matched, by category and language, and how long a turn takes.
//
//   node bench/faq.ts [set …]      sets of test/faq; default: originals, dev and dev2
import { type Asked, askOriginals, askSet, loadAgencyFaq, rowsOf, tableOf } from './faq-measurement.ts'

const began = performance.now()
const faq = loadAgencyFaq()
const loaded = performance.now() - began

const sets = process.argv.length > 2 ? process.argv.slice(2) : ['originals', 'dev', 'dev2']
const asked: Asked[] = []
for (const set of sets) asked.push(...(await (set === 'originals' ? askOriginals(faq) : askSet(set, faq))))

const times = asked.map(({ milliseconds }) => milliseconds).toSorted((one, other) => one - other)
const quantile = (share: number) => (times[Math.floor(share * (times.length - 1))] ?? 0).toFixed(2)
const lines = [
  tableOf(rowsOf(asked)),
  '',
  `load ${loaded.toFixed(0)} ms · a turn: p50 ${quantile(0.5)} ms, p95 ${quantile(0.95)} ms, longest ${quantile(1)} ms`,
]
process.stdout.write(`${lines.join('\n')}\n`)
