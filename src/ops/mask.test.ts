import { describe, expect, test } from 'vitest'
import { createLog } from './log.ts'
import { maskSecrets } from './mask.ts'

const token = `123456789:${'A'.repeat(35)}`

describe('maskSecrets', () => {
  test.each([
    [`https://api.telegram.org/bot${token}/getMe`, 'https://api.telegram.org/bot123456789:***/getMe'],
    [`https://host/${encodeURIComponent(token)}`, 'https://host/123456789%3A***'],
    [`https://host/${token.replace(':', '%3a')}/`, 'https://host/123456789%3a***/'],
    ['postgres://parley:hunter2@db:5432/x', 'postgres://parley:***@db:5432/x'],
    ['redis://:hunter2@cache:6379', 'redis://:***@cache:6379'],
    [`sk-ant-${'x'.repeat(40)}`, 'sk-ant***'],
    ['Authorization: Bearer abcdefghijkl', 'Authorization: Bearer ***'],
    ['https://host/v1?key=abc&x=1', 'https://host/v1?key=***&x=1'],
  ])('%s', (secret, masked) => {
    expect(maskSecrets(secret)).toBe(masked)
  })

  test.each([
    'http://127.0.0.1:8000/chat',
    'postgres://user:password@host:5432/name',
    '2026-01-02T03:04:05.678Z',
    'conversation 0198-ab:12',
  ])('leaves %s alone', (text) => {
    expect(maskSecrets(text)).toBe(text)
  })

  test('stays linear on hostile input', () => {
    const nonsense = `${'a://'.repeat(50_000)}${'1'.repeat(200_000)}`
    expect(maskSecrets(nonsense)).toContain('a://')
  })
})

test('the log masks secrets in messages, fields and errors', () => {
  const lines: string[] = []
  const log = createLog('info', (line) => lines.push(line))
  const err = new Error(`call to https://api.telegram.org/bot${token}/getMe failed`)
  log
    .child({ url: `https://x/bot${token}` })
    .warn({ err, apiKey: 'plain', nested: { token: 'plain' } }, `bot ${token}`)
  const line = lines.join('')
  expect(line).not.toContain('AAAA')
  expect(line).not.toContain('plain')
  expect(JSON.parse(line)).toMatchObject({ level: 'warn', err: { type: 'Error' }, apiKey: '***' })
})
