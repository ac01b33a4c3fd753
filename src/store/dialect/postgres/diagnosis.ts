import { DatabaseError } from 'pg'
import type { Diagnosis } from '../../../model/errors.ts'

/** Where a database is, as its URL says. */
interface Place {
  host: string
  database: string
  user: string
}

/** By SQLSTATE or code of the system, else by the words of the driver. No `says`: the server's own words are the best. */
interface Explanation {
  when: RegExp
  says?: (place: Place) => string
  next: (place: Place) => string
}

const explanations: readonly Explanation[] = [
  {
    when: /^ECONNREFUSED/,
    says: () => 'nothing listens there',
    next: () => 'start PostgreSQL, or correct host and port in DATABASE_URL',
  },
  {
    when: /^(ENOTFOUND|EAI_AGAIN)/,
    says: () => 'this host is not known',
    next: () => 'correct the host in DATABASE_URL, or look after the name service',
  },
  {
    when: /^timeout exceeded when trying to connect/,
    says: () => 'every connection is busy',
    next: () => 'raise DATABASE_POOL_MAX, or look what holds up the server',
  },
  {
    when: /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)|timeout/,
    says: () => 'no answer',
    next: () => 'check host and port in DATABASE_URL, and the firewalls on the way',
  },
  {
    when: /^SASL/,
    says: ({ user }) => `the server asks for a password of user "${user}"`,
    next: () => 'put user and password into DATABASE_URL: postgres://user:password@host:5432/name',
  },
  {
    when: /^28P01/,
    says: ({ user }) => `the password of user "${user}" is refused`,
    next: () => 'correct user and password in DATABASE_URL, special characters percent-encoded',
  },
  {
    when: /^28/,
    next: () => 'correct the user in DATABASE_URL, or let it in (pg_hba.conf of the server)',
  },
  {
    when: /^3D000/,
    says: () => 'there is no such database',
    next: ({ database }) => `create it (createdb ${database}), or correct its name in DATABASE_URL`,
  },
  {
    when: /^42501/,
    next: ({ database, user }) =>
      `let this user make tables: alter database "${database}" owner to "${user}"`,
  },
  {
    when: /^53300/,
    next: () => 'lower DATABASE_POOL_MAX, or raise max_connections of the server',
  },
  { when: /^40P01/, says: () => 'others were in the way', next: () => 'run this again' },
  { when: /^57P03/, next: () => 'wait until the server is ready, and try again' },
]

const unexplained: Omit<Explanation, 'when'> = {
  next: () => 'check DATABASE_URL, and look into the log of the server',
}

/** What an operator should know of an error of the connection or the server. The password is not told. */
export function diagnose(error: unknown, url: string): Diagnosis {
  const place = placeOf(url)
  const words = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  const { says, next } = explanations.find(({ when }) => when.test(code || words)) ?? unexplained
  const verb = error instanceof DatabaseError ? 'use' : 'reach'
  // A code of the network is known to many; an SQLSTATE tells nobody more than the words.
  const said = says?.(place) ?? words
  const isWorthIt = code !== '' && !said.includes(code) && (!says || code.startsWith('E'))
  const reason = isWorthIt ? `${said} (${code})` : said
  return {
    found: `Cannot ${verb} database "${place.database}" at ${place.host}: ${reason}`,
    next: next(place),
  }
}

function placeOf(url: string): Place {
  const { hostname, port, pathname, searchParams, username } = new URL(url)
  const host = (searchParams.get('host') ?? hostname) || 'localhost'
  return { host: `${host}:${port || 5432}`, database: pathname.slice(1), user: username }
}
