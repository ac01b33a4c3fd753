import type { Environment, ProcessRole, RedisConfig } from './config.ts'
import { isLoginTorn, tornLogin } from './login.ts'
import { type Problem, show } from './problem.ts'
import type { Settings } from './schema.ts'
import { weakness } from './secrets.ts'
import { suggest } from './suggest.ts'

type Values = ReadonlyMap<string, string>

const roles: readonly ProcessRole[] = ['all', 'api', 'worker', 'poller']
const roleSetting = 'role (--role or PARLEY_ROLE)'

/** The role this process was given; `all` when none, or none that exists. */
export function roleOf(values: Values): ProcessRole {
  return roles.find((role) => role === values.get('PARLEY_ROLE')) ?? 'all'
}

export function buildRedis({ redis }: Settings, values: Values): RedisConfig | undefined {
  const url = values.get('REDIS_URL')
  return url === undefined ? undefined : { url, prefix: redis.prefix }
}

/** What processes that share the work need. */
export function checkSharing(environment: Environment, values: Values): Problem[] {
  return [...checkRedisUrl(values.get('REDIS_URL'), environment), ...checkRole(values)]
}

function checkRedisUrl(text: string | undefined, environment: Environment): Problem[] {
  if (text === undefined) return []
  const setting = 'REDIS_URL'
  const expected =
    'redis://user:password@host:6379/0 (rediss:// over TLS), special characters of user and password percent-encoded'
  if (!URL.canParse(text)) return [{ setting, found: 'not a URL', expected }]
  const url = new URL(text)
  if (isLoginTorn(url)) return [{ setting, found: tornLogin, expected }]
  const known = url.protocol === 'redis:' || url.protocol === 'rediss:'
  const escaped = !/%(?![\da-f]{2})/i.test(url.username + url.password)
  if (!known || !escaped || url.hostname === '' || !/^(\/\d{0,5})?$/.test(url.pathname)) {
    // What is shown has neither login nor parameters.
    const found =
      url.host === '' ? `${url.protocol} without a host` : show(`${url.protocol}//${url.host}${url.pathname}`)
    return [{ setting, found, expected }]
  }
  const password = decodeURIComponent(url.password)
  const reason = password === '' || environment === 'development' ? undefined : weakness(password)
  return reason
    ? [{ setting, found: `a password too easy to guess: ${reason}`, expected: 'a random password' }]
    : []
}

function checkRole(values: Values): Problem[] {
  const given = values.get('PARLEY_ROLE') ?? 'all'
  const role = roles.find((name) => name === given)
  if (role === undefined) {
    const near = suggest(given, roles)
    const hint = near ? `; did you mean "${near}"?` : ''
    return [{ setting: roleSetting, found: show(given), expected: `one of ${roles.join(', ')}${hint}` }]
  }
  const missing = ['DATABASE_URL', 'REDIS_URL'].filter((name) => !values.has(name))
  if (role === 'all' || missing.length === 0) return []
  return [
    {
      setting: roleSetting,
      found: `${role} without ${missing.join(' and ')}`,
      expected: 'DATABASE_URL and REDIS_URL, by which processes share the work; or the role all',
    },
  ]
}

/** Whether this process has pages, whose visitors carry its cookies. */
export const hasPages = (values: Values): boolean => ['all', 'api'].includes(roleOf(values))
