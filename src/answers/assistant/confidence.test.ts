import { expect, test } from 'vitest'
import { assess } from './confidence.ts'

const long = 'A web application costs between 20 and 150 thousand dollars.'

test.each([
  ['a whole, long answer', long, 'stop', 0.9, 0],
  ['cut by the limit', long, 'length', 0.6, 0],
  ['refused', long, 'refused', 0.6, 0],
  ['short', 'Yes.', 'stop', 0.7, 0],
  ['one hedge', `${long} Perhaps.`, 'stop', 0.8, 1],
  ['two hedges', `I think so: ${long} Maybe more.`, 'stop', 0.7, 2],
  ['five hedges count as three', `Maybe, perhaps, possibly, probably, I guess: ${long}`, 'stop', 0.6, 5],
  ['everything at once', 'Maybe, perhaps, possibly', 'other', 0.1, 3],
  ['a typographic apostrophe', `I’m not sure: ${long}`, 'stop', 0.8, 1],
  ['Russian hedges', `Возможно. Скорее всего, приложение стоит от 20 тысяч долларов и выше.`, 'stop', 0.7, 2],
  ['a word that only contains one', `Это невозможно: ${long} The almighty.`, 'stop', 0.9, 0],
] as const)('%s', (_name, text, finish, confidence, hedges) => {
  expect(assess(text, finish)).toEqual({ confidence, hedges })
})

test('fifty characters are enough, forty-nine are not', () => {
  expect(assess('x'.repeat(50), 'stop').confidence).toBe(0.9)
  expect(assess(`${'x'.repeat(49)}  `, 'stop').confidence).toBe(0.7)
})
