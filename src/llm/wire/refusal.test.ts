import { describe, expect, test } from 'vitest'
import { refusalInStream, refusalOf } from './refusal.ts'

const google = (reason: object) => ({
  code: 400,
  status: 'INVALID_ARGUMENT',
  message: 'API key not valid',
  details: [reason],
})

describe('refusalOf', () => {
  test.each<[string, number, unknown, string]>([
    ['Google says 400 for a wrong key', 400, google({ reason: 'API_KEY_INVALID' }), 'auth'],
    ['and for a bad request', 400, google({ reason: 'OTHER' }), 'invalid'],
    [
      'OpenAI says 429 for an empty account',
      429,
      { type: 'insufficient_quota', code: 'insufficient_quota' },
      'auth',
    ],
    ['and for haste', 429, { type: 'requests', code: 'rate_limit_exceeded' }, 'rate_limited'],
    ['a gateway without words', 502, undefined, 'unavailable'],
    ['a timeout at the provider', 408, undefined, 'unavailable'],
    ['a body of another shape', 422, 'no', 'invalid'],
    ['a 404 that speaks of permission', 404, { type: 'permission_error' }, 'invalid'],
  ])('%s', (_name, status, error, fault) => {
    expect(refusalOf(status, error, undefined).fault).toBe(fault)
  })

  test('a wait in the header comes before one in the body', () => {
    const error = { details: [{ '@type': 'x' }, { retryDelay: '1.5s' }] }
    expect(refusalOf(429, error, undefined).retryAfterMs).toBe(1500)
    expect(refusalOf(429, error, 7000).retryAfterMs).toBe(7000)
    expect(refusalOf(429, { details: [{ retryDelay: 'soon' }] }, undefined).retryAfterMs).toBeUndefined()
  })

  test('its words are short and hold neither keys nor long quotes of the prompt', () => {
    const prompt = 'my neighbour at 12 Some Street owes me a lot of money'
    const message = `Invalid value "${prompt}" for\nkey sk-abc***xyz9 ${'and more '.repeat(100)}`
    const said = refusalOf(400, { message }, undefined).message
    expect(said).toMatch(/^HTTP 400: Invalid value "…" for key \*\*\* and more/)
    expect(said.length).toBeLessThan(220)
    expect(refusalOf(401, { message: 'Incorrect API key provided: 12345' }, undefined).message).not.toContain(
      '12345',
    )
  })
})

describe('refusalInStream', () => {
  test.each<[unknown, string]>([
    [{ type: 'overloaded_error', message: 'Overloaded' }, 'unavailable'],
    [{ type: 'rate_limit_error' }, 'rate_limited'],
    [{ type: 'authentication_error' }, 'auth'],
    [{ type: 'invalid_request_error' }, 'invalid'],
    [{ code: 429, message: 'slow down' }, 'rate_limited'],
    [{ code: 502, message: 'upstream' }, 'unavailable'],
    [{ code: 503, status: 'UNAVAILABLE' }, 'unavailable'],
    [{ type: 'server_error', code: null }, 'unavailable'],
    ['a mere text', 'unavailable'],
  ])('%j is %s', (error, fault) => {
    expect(refusalInStream(error).fault).toBe(fault)
  })
})
