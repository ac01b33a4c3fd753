import { webhookPath } from './build.ts'
import { isLoopback } from './checks.ts'
import type { Config } from './config.ts'
import type { Environ } from './env.ts'
import { environmentNames } from './names.ts'
import { hasPages } from './sharing.ts'
import type { Settings } from './schema.ts'
import { suggest } from './suggest.ts'
import { swallowedByNpm } from './swallowed.ts'

/** What works but is probably not meant, or not wise. Shows no secret. */
export interface Warning {
  found: string
  /** What to do. */
  next: string
}

export const formatWarning = ({ found, next }: Warning): string => `${found}: ${next}`

interface Seen {
  env: Environ
  /** The known names of the environment that are set. */
  values: ReadonlyMap<string, string>
  config: Config
  /** Of the file. */
  links: Settings['models']['chain']
  dataDir: string
}

export function findWarnings(seen: Seen): Warning[] {
  const all = [
    swallowed,
    misspelt,
    beatenChain,
    otherEnvironment,
    keptKey,
    openAndPlain,
    elsewhere,
    otherProtocol,
    neverReached,
  ]
  return all.flatMap((find) => find(seen))
}

/** Names that look like ours with a slip of the finger: a token under a wrong name is silently no token. */
function misspelt({ env }: Seen): Warning[] {
  const known = environmentNames.flatMap(({ name, secret }) => (secret ? [name, `${name}_FILE`] : [name]))
  return Object.keys(env).flatMap((name) => {
    if (
      name.length < 8 ||
      known.includes(name) ||
      !/^(TELEGRAM|DATABASE|REDIS|RATE_LIMIT|LLM_|BACKUP_|AGENT_|ADMIN_|AI_|PARLEY_|SECRET_|[A-Z]+_(API_KEY|BASE_URL)$)/.test(
        name,
      )
    )
      return []
    const near = suggest(name, known)
    return near && Math.abs(near.length - name.length) <= 2
      ? [{ found: `${name} is not a setting`, next: `did you mean ${near}?` }]
      : []
  })
}

/** Whoever writes a chain means it to be asked. */
function beatenChain({ values, links }: Seen): Warning[] {
  const names = environmentNames.filter(({ name, form }) => form === 'links' && values.has(name))
  if (!links || names.length === 0) return []
  const list = names.map(({ name }) => name).join(', ')
  return [
    {
      found: `models.chain of parley.yaml is beaten by the environment: ${list}`,
      next: 'take that out of the environment and .env, or remove models.chain',
    },
  ]
}

const swallowed = ({ env }: Seen): Warning[] =>
  swallowedByNpm(env).map((next) => ({
    found: 'npm took an option for its own, Parley did not see it',
    next,
  }))

function otherEnvironment({ env, values, config }: Seen): Warning[] {
  if (env['NODE_ENV'] !== 'production' || config.environment !== 'development') return []
  if (values.has('ENVIRONMENT')) return []
  return [
    {
      found: 'NODE_ENV is production, but for Parley this is development, where weak secrets pass',
      next: 'set ENVIRONMENT=production',
    },
  ]
}

/** Cookies that one process signed must be good for the others, and after a move. */
function keptKey({ env, values, config, dataDir }: Seen): Warning[] {
  if (values.has('SECRET_KEY') || !hasPages(values)) return []
  const isProduction = config.environment !== 'development' || env['NODE_ENV'] === 'production'
  if (!isProduction && config.role === 'all') return []
  const reason =
    config.role === 'api'
      ? 'visitors are known to other api processes only if those have the same DATA_DIR'
      : `visitors are known only as long as the one made for ${dataDir} is there`
  return [
    {
      found: `SECRET_KEY is not set, and ${reason}`,
      next: 'set SECRET_KEY; make one with: openssl rand -base64 48',
    },
  ]
}

/** Nothing says that TLS ends in front of this server. */
function openAndPlain({ values, config: { server, telegram } }: Seen): Warning[] {
  const hasFront = server.trustProxy || telegram?.webhookUrl !== undefined
  if (isLoopback(server.host) || hasFront || !hasPages(values)) return []
  return [
    {
      found: `HOST is ${server.host}: others reach the chat over plain HTTP, where it can be read and changed on the way`,
      next: 'put a proxy with TLS in front and set TRUST_PROXY=true, or listen on 127.0.0.1',
    },
  ]
}

/** Telegram then calls a path that only a proxy in front can lead here. */
function elsewhere({ config: { telegram } }: Seen): Warning[] {
  if (telegram?.webhookUrl === undefined || new URL(telegram.webhookUrl).pathname === webhookPath) return []
  return [
    {
      found: `TELEGRAM_WEBHOOK_URL does not end in ${webhookPath}, where Parley listens`,
      next: 'let a proxy lead it there, or correct it',
    },
  ]
}

/** Collectors listen for gRPC and for HTTP on ports of their own. */
function otherProtocol({ config: { traces } }: Seen): Warning[] {
  if (traces === undefined || new URL(traces.endpoint).port !== '4317') return []
  return [
    {
      found: 'traces go to port 4317, where collectors speak gRPC, which Parley does not',
      next: 'name their port for HTTP, as a rule 4318',
    },
  ]
}

/** Whoever allows more in an hour than on a day has exchanged the two, or forgot one. */
function neverReached({ config: { limits } }: Seen): Warning[] {
  const { messages, calls } = limits
  const pairs = [
    { shorter: 'limits.per_hour', longer: 'limits.per_day', isAbove: messages.perHour > messages.perDay },
    {
      shorter: 'limits.model_calls.per_session',
      longer: 'limits.model_calls.per_day',
      isAbove: calls.perSession > calls.perDay,
    },
  ]
  return pairs
    .filter(({ isAbove }) => isAbove)
    .map(({ shorter, longer }) => ({
      found: `${shorter} is above ${longer}, which ends first`,
      next: `raise ${longer}, or lower ${shorter}`,
    }))
}
