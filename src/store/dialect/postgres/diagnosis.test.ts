import { DatabaseError } from 'pg'
import { expect, test } from 'vitest'
import { diagnose } from './diagnosis.ts'
import { databaseError } from './errors.ts'

const url = 'postgres://anna:hunter2@db.example/shop'
const place = 'database "shop" at db.example:5432:'

const refusal = (code: string, message: string) =>
  Object.assign(new DatabaseError(message, 0, 'error'), { code })
const fault = (code: string, message: string) => Object.assign(new Error(message), { code })

test.each([
  [
    refusal('42501', 'permission denied for schema public'),
    `Cannot use ${place} permission denied`,
    'owner to "anna"',
  ],
  [
    refusal('28000', 'no pg_hba.conf entry for host'),
    `Cannot use ${place} no pg_hba.conf entry`,
    'let it in',
  ],
  [refusal('53300', 'sorry, too many clients already'), `Cannot use ${place} sorry`, 'DATABASE_POOL_MAX'],
  [refusal('57P03', 'the database system is starting up'), `Cannot use ${place} the database system`, 'wait'],
  [refusal('58030', 'could not write'), `Cannot use ${place} could not write (58030)`, 'log of the server'],
  [
    fault('EHOSTUNREACH', 'connect EHOSTUNREACH'),
    `Cannot reach ${place} no answer (EHOSTUNREACH)`,
    'firewalls',
  ],
  [
    new Error('Connection terminated due to connection timeout'),
    `Cannot reach ${place} no answer`,
    'firewalls',
  ],
  [
    new Error('timeout exceeded when trying to connect'),
    `Cannot reach ${place} every connection`,
    'POOL_MAX',
  ],
  [
    new Error('The server does not support SSL connections'),
    `Cannot reach ${place} The server`,
    'DATABASE_URL',
  ],
  // Node tries both addresses of localhost and has no words of its own for the two failures.
  [
    Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }),
    `${place} nothing listens`,
    'start PostgreSQL',
  ],
])('%s', (error, found, next) => {
  const diagnosis = diagnose(error, url)
  expect(diagnosis.found).toContain(found)
  expect(diagnosis.next).toContain(next)
  expect(JSON.stringify(diagnosis)).not.toContain('hunter2')
})

test('a socket file is named as the place', () => {
  const { found } = diagnose(fault('ENOENT', 'connect ENOENT'), 'postgres:///shop?host=/run/postgresql')
  expect(found).toContain('at /run/postgresql:5432')
})

test('the message, which clients are told, names no host', () => {
  const error = databaseError(fault('ECONNREFUSED', 'connect ECONNREFUSED 10.0.0.5:5432'), url)
  expect(error).toMatchObject({ code: 'DATABASE_UNAVAILABLE', status: 503 })
  expect(error).toHaveProperty('diagnosis.found', expect.stringContaining('db.example'))
  expect(error instanceof Error && error.message).not.toMatch(/10\.0\.0\.5|db\.example/)
})

test('one that never answered a single connection is away', () => {
  const error = databaseError(new Error('timeout expired'), url)
  expect(error).toMatchObject({ code: 'DATABASE_UNAVAILABLE' })
  expect(error).toHaveProperty('diagnosis.found', expect.stringContaining('no answer'))
})
