import { type Asked, askOriginals, askSet, loadAgencyFaq, rowsOf } from '../faq-measurement.ts'
import { askFolds } from '../faq-folds.ts'
import type { Measurement } from '../measurement.ts'
import { quantile } from '../numbers.ts'

const sets = ['dev', 'dev2']

export const faq: Measurement = {
  name: 'faq',
  about: "how well the agency's FAQ is matched, and how long a turn takes",
  minutes: () => 0.2,
  async run({ quick }) {
    const began = performance.now()
    const loaded = loadAgencyFaq()
    const loadMs = performance.now() - began
    const asked: Asked[] = await askOriginals(loaded)
    for (const set of quick ? [] : sets) asked.push(...(await askSet(set, loaded)))
    const times = asked.map(({ milliseconds }) => milliseconds)
    if (!quick) asked.push(...(await askFolds()))
    return {
      method: [
        'Sets: originals are the questions of the file itself, dev and dev2 paraphrases and off-topic lines of test/faq,',
        'folds a fifth of the questions at a time, left out of the file and asked of the rest.',
        'The rate is of right answers; off topic, of wrong ones.',
      ],
      tables: [
        {
          title: 'By set, language and category',
          columns: [
            { key: 'set', head: 'set' },
            { key: 'language', head: 'lang' },
            { key: 'category', head: 'category' },
            { key: 'asked', head: 'asked' },
            { key: 'right', head: 'right' },
            { key: 'silent', head: 'silent' },
            { key: 'percent', head: '%', digits: 1 },
          ],
          rows: rowsOf(asked).map((row) => ({ ...row, percent: row.rate * 100 })),
        },
        {
          title: 'Time',
          columns: [
            { key: 'what', head: 'what' },
            { key: 'ms', head: 'ms', digits: 2 },
          ],
          rows: [
            { what: 'load', ms: loadMs },
            { what: 'a turn, p50', ms: quantile(times, 0.5) },
            { what: 'a turn, p95', ms: quantile(times, 0.95) },
            { what: 'a turn, longest', ms: quantile(times, 1) },
          ],
        },
      ],
      notes: [],
    }
  },
}
