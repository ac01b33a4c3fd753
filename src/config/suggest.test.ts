import { expect, test } from 'vitest'
import { suggest } from './suggest.ts'

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
