import { parseFault, faultPoints } from '../model/fault.ts'
import type { Environment } from './config.ts'
import type { NameSetting } from './issues.ts'
import { isLoginTorn, tornLogin } from './login.ts'
import { type Problem, show } from './problem.ts'
import type { Settings } from './schema.ts'
import { describeSecret, shortestKey, weakness } from './secrets.ts'
import { checkSharing } from './sharing.ts'
import { checkTraces } from './traces.ts'

type Values = ReadonlyMap<string, string>

interface Checked {
  settings: Settings
  values: Values
  nameSetting: NameSetting
}

/** What no single setting can tell: combinations, and the strength of secrets. */
export function checkCombinations(checked: Checked): Problem[] {
  const { settings, values } = checked
  return [
    ...checkSecretKey(settings, values),
    ...checkDatabase(checked),
    ...checkSharing(settings.environment, values),
    ...checkTelegram(checked),
    ...checkBackup(checked),
    ...checkTraces(values),
    ...checkNumbers(checked),
    ...checkFault(settings.environment, values.get('PARLEY_FAULT')),
  ]
}

/** Of those, what tells where the database and the backups are, whatever a file adds. */
export function checkStorage(checked: Checked): Problem[] {
  const url = checked.values.get('DATABASE_URL')
  const found = url === undefined ? [] : checkDatabaseUrl(url, checked.settings.environment)
  return [...found, ...checkBackup(checked)]
}

/** `127.0.0.0/8`, `::1` and `localhost` reach this machine only. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
}

const makeKey = 'make one with: openssl rand -base64 48'
const longKey = `at least ${shortestKey} characters; ${makeKey}`

function checkSecretKey({ environment, server }: Settings, values: Values): Problem[] {
  const key = values.get('SECRET_KEY')
  if (key === undefined) {
    if (environment === 'development' || isLoopback(server.host)) return []
    const found = `nothing, while listening on ${server.host} in ${environment}`
    return [{ setting: 'SECRET_KEY', found, expected: longKey }]
  }
  if (key.length < shortestKey)
    return [{ setting: 'SECRET_KEY', found: describeSecret(key), expected: longKey }]
  return strong('SECRET_KEY', key, environment, makeKey)
}

function strong(setting: string, secret: string, environment: Environment, how: string): Problem[] {
  const reason = environment === 'development' ? undefined : weakness(secret)
  if (reason === undefined) return []
  return [
    {
      setting,
      found: `${describeSecret(secret)}, too easy to guess: ${reason}`,
      expected: `one made at random; ${how}`,
    },
  ]
}

function checkDatabase({ settings, values, nameSetting }: Checked): Problem[] {
  const problems: Problem[] = []
  const url = values.get('DATABASE_URL')
  if (url !== undefined) problems.push(...checkDatabaseUrl(url, settings.environment))
  const { min, max } = settings.database.pool
  if (url !== undefined && min > max) {
    problems.push({
      setting: nameSetting(['database', 'pool', 'min']),
      found: String(min),
      expected: `at most ${max}, the largest number of connections`,
    })
  }
  if (settings.database.path === ':memory:') {
    const setting = nameSetting(['database', 'path'])
    problems.push({
      setting,
      found: ':memory:',
      expected: 'a file; a database in memory forgets what was accepted',
    })
  }
  return problems
}

function checkDatabaseUrl(text: string, environment: Environment): Problem[] {
  const setting = 'DATABASE_URL'
  const expected =
    'postgres://user:password@host:5432/name, special characters of user and password percent-encoded'
  if (!URL.canParse(text)) return [{ setting, found: 'not a URL', expected }]
  const url = new URL(text)
  if (isLoginTorn(url)) return [{ setting, found: tornLogin, expected }]
  const known = url.protocol === 'postgres:' || url.protocol === 'postgresql:'
  if (!known || url.pathname.length < 2) {
    // Where the login ends, only a parser knows: what is shown has neither login nor parameters.
    const found =
      url.host === '' ? `${url.protocol} without a host` : show(`${url.protocol}//${url.host}${url.pathname}`)
    return [{ setting, found, expected }]
  }
  const password = /%(?![\da-f]{2})/i.test(url.password) ? url.password : decodeURIComponent(url.password)
  if (password === '' || environment === 'development') return []
  const reason = weakness(password)
  return reason
    ? [{ setting, found: `a password too easy to guess: ${reason}`, expected: 'a random password' }]
    : []
}

function checkTelegram(checked: Checked): Problem[] {
  const { settings, values, nameSetting } = checked
  const token = values.get('TELEGRAM_BOT_TOKEN')
  const webhook = settings.telegram.webhook_url
  const problems: Problem[] = []
  if (token !== undefined && !/^\d{5,20}:[\w-]{35}$/.test(token)) {
    const expected = '5 to 20 digits, a colon and 35 characters, as @BotFather gave it'
    problems.push({ setting: 'TELEGRAM_BOT_TOKEN', found: describeSecret(token), expected })
  }
  if (webhook === undefined) return problems
  const setting = nameSetting(['telegram', 'webhook_url'])
  if (token === undefined)
    problems.push({ setting, found: 'a webhook without a bot', expected: 'TELEGRAM_BOT_TOKEN set as well' })
  return [...problems, ...checkWebhookUrl(webhook, setting, settings), ...checkWebhookSecret(checked)]
}

/** Telegram calls https only, on four ports (core.telegram.org/bots/api#setwebhook). */
function checkWebhookUrl(text: string, setting: string, { environment, telegram }: Settings): Problem[] {
  const url = new URL(text)
  const local = environment === 'development' && isLoopback(url.hostname)
  if (url.protocol !== 'https:' && !local) {
    return [
      { setting, found: show(text), expected: 'an https address (http only for 127.0.0.1 in development)' },
    ]
  }
  const official = telegram.api_root === 'https://api.telegram.org'
  if (official && !local && !['', '443', '80', '88', '8443'].includes(url.port)) {
    return [{ setting, found: show(text), expected: 'port 443, 80, 88 or 8443: Telegram calls no other' }]
  }
  return []
}

function checkWebhookSecret({ settings: { environment }, values }: Checked): Problem[] {
  const setting = 'TELEGRAM_WEBHOOK_SECRET'
  const least = environment === 'development' ? 1 : 16
  const how = 'make one with: openssl rand -hex 32'
  const expected = `${least} to 256 of A-Z a-z 0-9 _ -; ${how}`
  const secret = values.get(setting)
  if (secret === undefined) return [{ setting, found: 'nothing, with a webhook', expected }]
  const fits = /^[\w-]{1,256}$/.test(secret) && secret.length >= least
  return fits
    ? strong(setting, secret, environment, how)
    : [{ setting, found: describeSecret(secret), expected }]
}

const shortestPassphrase = 16

function checkBackup({ settings, values, nameSetting }: Checked): Problem[] {
  const { bucket } = settings.backup.s3
  const missing = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].filter((name) => !values.has(name))
  const keys =
    bucket === undefined || missing.length === 0
      ? []
      : [
          {
            setting: nameSetting(['backup', 's3', 'bucket']),
            found: `${show(bucket)} without ${missing.join(' and ')}`,
            expected: 'the key of the bucket as well',
          },
        ]
  const passphrase = values.get('BACKUP_PASSPHRASE')
  if (passphrase === undefined) return keys
  const how = 'make one with: openssl rand -base64 30'
  if (passphrase.length >= shortestPassphrase)
    return [...keys, ...strong('BACKUP_PASSPHRASE', passphrase, settings.environment, how)]
  const expected = `at least ${shortestPassphrase} characters; ${how}`
  return [...keys, { setting: 'BACKUP_PASSPHRASE', found: describeSecret(passphrase), expected }]
}

function checkNumbers({ settings: { models, pipeline }, nameSetting }: Checked): Problem[] {
  const problems: Problem[] = []
  const { first, longest } = models.backoff
  if (first > longest) {
    const setting = nameSetting(['models', 'backoff', 'first'])
    problems.push({
      setting,
      found: `${first} ms`,
      expected: `at most models.backoff.longest, ${longest} ms`,
    })
  }
  if (models.max_output_tokens >= models.context_tokens) {
    const setting = nameSetting(['models', 'max_output_tokens'])
    problems.push({
      setting,
      found: String(models.max_output_tokens),
      expected: `less than models.context_tokens, ${models.context_tokens}`,
    })
  }
  if (pipeline.sweep >= pipeline.lease) {
    const setting = nameSetting(['pipeline', 'sweep'])
    problems.push({
      setting,
      found: `${pipeline.sweep} ms`,
      expected: `less than pipeline.lease, ${pipeline.lease} ms`,
    })
  }
  return problems
}

function checkFault(environment: Environment, spec: string | undefined): Problem[] {
  const setting = 'PARLEY_FAULT'
  if (spec === undefined) return []
  if (environment === 'production') return [{ setting, found: show(spec), expected: 'not set in production' }]
  return parseFault(spec)
    ? []
    : [{ setting, found: show(spec), expected: `point:n with one of ${faultPoints.join(', ')}` }]
}
