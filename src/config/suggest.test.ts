import { expect, test } from 'vitest'
import { nearestTo, suggest } from './suggest.ts'

const names = ['port', 'host', 'body_limit', 'trust_proxy', 'quiet_window']

test.each([
  ['prot', 'port'],
  ['Port', 'port'],
  ['bodyLimit', 'body_limit'],
  ['trust-proxy', 'trust_proxy'],
  ['quiet_windw', 'quiet_window'],
])('%s means %s', (name, meant) => {
  expect(suggest(name, names)).toBe(meant)
})

test.each(['colour', 'x', '', 'a'.repeat(10_000)])('%j means nothing', (name) => {
  expect(suggest(name, names)).toBeUndefined()
})

test('the nearest are named in order, however far they are', () => {
  expect(nearestTo('gpt-5.4-minni', ['claude', 'gpt-5.4', 'gpt-5.4-mini'], 2)).toEqual([
    'gpt-5.4-mini',
    'gpt-5.4',
  ])
})
