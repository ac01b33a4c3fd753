import { createFaqReader } from '../../app/faq-file.ts'
import type { Config } from '../../config/config.ts'
import type { LoadedConfig } from '../../config/load.ts'
import type { Problem } from '../../config/problem.ts'
import { maskSecrets } from '../../ops/mask.ts'
import { recordedProof, type Store } from '../../store/store.ts'
import { type ConfigOptions, missingFile, readConfig, sameBot } from '../configuration.ts'
import { onBot } from '../spelling.ts'
import { checkBackup, checkBackupFolder } from './backup.ts'
import { checkBackupPlace, judgeKept, type Place } from './backup-place.ts'
import { checkBacklog } from './backlog.ts'
import { checkBudget, checkSpending } from './budget.ts'
import { adviceFor, checkDatabase, mayBeInUse } from './database.ts'
import { checkFolder } from './folder.ts'
import { fail, type Item, ok, skip, warn, within } from './item.ts'
import { checkModels } from './models.ts'
import { checkPort } from './port.ts'
import { checkPublic } from './public.ts'
import { withPurse } from './purse.ts'
import { checkRedis, redisAdvice } from './redis.ts'
import { isRemote } from './remote.ts'
import { checkRetention } from './retention.ts'
import { checkDatabaseServer } from './server.ts'
import { checkTelegram } from './telegram.ts'

export interface Examination extends ConfigOptions {
  /** Nothing on another machine is asked. */
  offline?: boolean
  /** Where people reach it, where no webhook says so. */
  url?: string
  /** Of the server that is asked, in place of that of the configuration. */
  port?: number
  /** The version that should run. */
  expect?: string
  /** The folder with PostgreSQL's programs, in place of where they usually are. */
  programs?: string
}

/** Checks an installation, all at once, and changes nothing. */
export async function examine(options: Examination): Promise<Item[]> {
  const result = readConfig(options, { faq: createFaqReader() })
  const items =
    'problems' in result
      ? describeProblems(result.problems, missingFile(options))
      : await checkAll(result, options)
  return items.map(({ found, next, ...item }) => ({
    ...item,
    found: maskSecrets(found),
    ...(next !== undefined && { next: onBot(next, sameBot(options)) }),
  }))
}

const describeProblems = (problems: readonly Problem[], missing: string | undefined): Item[] =>
  problems.map(({ setting, found, expected }) =>
    fail(
      'configuration',
      `${setting}: found ${found}`,
      setting === missing
        ? 'make one, or name another with -c: parley init writes one into the folder of its --folder'
        : `correct ${setting}: expected ${expected}`,
    ),
  )

async function checkAll(loaded: LoadedConfig, options: Examination): Promise<Item[]> {
  const { config, dataDir, embedded } = loaded
  const { database, redis, telegram } = config
  const address = addressOf(loaded, options)
  const elsewhere = unlessOffline(options)
  const asksPublic = address !== undefined && !isSkipped(options, address.href)
  const url = database.kind === 'postgres' ? database.url : undefined
  const now = Date.now()
  const isInUse = mayBeInUse(database)
  let proven: number | undefined
  const place = askPlace(config, options)
  const groups = await Promise.all([
    within(3000, 'data folder', 'check the disk of DATA_DIR', () => checkFolder(dataDir, database)),
    within(3000, 'backup folder', 'check the disk of BACKUP_DIR', () => checkBackupFolder(config, dataDir)),
    within(
      8000,
      'database',
      adviceFor(database),
      elsewhere('database', url, () =>
        checkDatabase(database, embedded, async (store) => {
          proven = await recordedProof(store.read.leases)
          return checkRecords(config, store, now)
        }),
      ),
    ),
    place.then(({ items }) => items),
    within(
      8000,
      'database clock',
      adviceFor(database),
      elsewhere('database clock', url, () => checkDatabaseServer(config, options.programs)),
    ),
    within(
      8000,
      'redis',
      redisAdvice,
      elsewhere('redis', redis?.url, () => checkRedis(redis)),
    ),
    within(
      12_000,
      'telegram',
      'check that TELEGRAM_API_ROOT can be reached',
      elsewhere('telegram', telegram?.apiRoot, () => checkTelegram(telegram, now)),
    ),
    within(8000, 'port', 'set HOST and PORT', () =>
      checkPort(atPort(config, options), isInUse, asksPublic ? undefined : options.expect),
    ),
    within(
      15_000,
      'address',
      'check the way to it from this machine',
      elsewhere('address', address?.href, () =>
        checkPublic({ address, telegram, expected: options.expect, now }),
      ),
    ),
    within(18_000, 'model', 'check the network', () => askModels(loaded, options)),
  ])
  const kept = judgeKept(config, await place, proven)
  return [...describe(loaded), ...groups.flat(), ...kept, ...checkBudget(config)]
}

const checkRecords = async (config: Config, store: Store, now: number): Promise<Item[]> => [
  ...(await checkBacklog(config, store, now)),
  ...(await checkRetention(config, store, now)),
  ...(await checkBackup(config, store, now)),
  ...(await checkSpending(config, store, now)),
]

/** Offline nothing is paid. */
async function askModels(
  { config, embedded }: LoadedConfig,
  { offline = false }: Examination,
): Promise<Item[]> {
  if (offline) return checkModels(config.models, { offline })
  return withPurse(config, embedded, (payment) => checkModels(config.models, { payment }))
}

async function askPlace(config: Config, options: Examination): Promise<Place> {
  const { endpoint } = config.backup.s3 ?? {}
  if (endpoint === undefined || !isSkipped(options, endpoint)) return checkBackupPlace(config)
  return { items: [skip('backup place', `${new URL(endpoint).host} not asked`)], where: endpoint }
}

const atPort = (config: Config, { port = config.server.port }: Examination): Config => ({
  ...config,
  server: { ...config.server, port },
})

/** Where people and platforms come in, as far as anything says so. */
function addressOf({ config: { telegram } }: LoadedConfig, { url }: Examination): URL | undefined {
  const known = url ?? telegram?.webhookUrl
  return known === undefined ? undefined : new URL(known)
}

const isSkipped = ({ offline = false }: Examination, address: string): boolean => offline && isRemote(address)

const unlessOffline =
  (options: Examination) => (name: string, address: string | undefined, check: () => Promise<Item[]>) => () =>
    address !== undefined && isSkipped(options, address)
      ? Promise.resolve([skip(name, `${new URL(address).host} not asked`)])
      : check()

function describe({ file, example, warnings }: LoadedConfig): Item[] {
  const found = example ? `the example ${file}, as there is no parley.yaml here` : file
  return [
    ok('configuration', found),
    ...warnings.map((warning) => warn('configuration', warning.found, warning.next)),
  ]
}
