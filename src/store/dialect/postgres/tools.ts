import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { copyFault } from '../../copy-facts.ts'
import { withoutParameters } from './address.ts'

const toolNames = ['pg_dump', 'pg_restore', 'psql'] as const
export type ToolName = (typeof toolNames)[number]

/** PostgreSQL's own programs of one version, new enough for a server. */
export interface Tools {
  /** Runs one to its end; throws with its words where it fails. The password is told in the environment only. */
  run(name: ToolName, args: readonly string[], url: string | undefined): Promise<void>
}

const debianFolder = '/usr/lib/postgresql'

export interface FoundTools {
  /** Those of the server's version where they are installed, whose every word it understands; else the newest. */
  fitting: Tools
  /** They read what any of the others wrote. */
  newest: Tools
}

/** `path`: of the environment. `serverMajor`: pg_dump refuses servers that are newer than itself. */
export function findTools(serverMajor: number, path: string, debian = debianFolder): FoundTools {
  const folders = foldersOf(path, debian)
  const found = folders.map((folder) => ({ folder, major: majorOf(join(folder, 'pg_dump')) }))
  const best = found.toSorted((a, b) => b.major - a.major)[0]
  const wanted = `install the package postgresql-client-${serverMajor} (Debian: apt-get install; where it has none, from apt.postgresql.org)`
  if (best === undefined || best.major === 0)
    throw copyFault('BACKUP_FAILED', {
      found: `${toolNames.join(', ')} are not on this machine, all in one place`,
      next: wanted,
    })
  if (best.major < serverMajor)
    throw copyFault('BACKUP_FAILED', {
      found: `pg_dump ${best.major} is older than the server, PostgreSQL ${serverMajor}, and cannot copy it`,
      next: wanted,
    })
  const toolsIn = (folder: string): Tools => ({
    run: (name, args, url) => run(join(folder, name), args, url, path),
  })
  const newest = toolsIn(best.folder)
  const own = best.major === serverMajor ? undefined : found.find(({ major }) => major === serverMajor)
  return { fitting: own ? toolsIn(own.folder) : newest, newest }
}

/** Those with all of them. Debian's own first: what it has in the PATH asks which cluster is meant. */
function foldersOf(path: string, debian: string): string[] {
  const versions = existsSync(debian) ? readdirSync(debian) : []
  const folders = [...versions.map((version) => join(debian, version, 'bin')), ...path.split(delimiter)]
  return folders.filter(
    (folder) => folder !== '' && toolNames.every((name) => existsSync(join(folder, name))),
  )
}

/** 0: it does not run. */
function majorOf(program: string): number {
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' })
  return Number(/\)\s+(\d+)/.exec(stdout ?? '')?.[1] ?? 0)
}

async function run(
  program: string,
  args: readonly string[],
  url: string | undefined,
  path: string,
): Promise<void> {
  const { target, password } = url === undefined ? { target: [], password: '' } : withoutPassword(url)
  const { promise, resolve, reject } = Promise.withResolvers<number | null>()
  const child = spawn(program, [...args, ...target], {
    env: {
      PATH: path,
      LC_ALL: 'C',
      PGCONNECT_TIMEOUT: '10',
      ...(password === '' ? {} : { PGPASSWORD: password }),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (bytes: Buffer) => (said = (said + bytes.toString()).slice(-4000)))
  child.once('error', reject)
  child.once('close', resolve)
  if ((await promise) === 0) return
  const lines = said.split('\n').filter((line) => /error|fatal/i.test(line))
  const [line = 'it said nothing'] = lines.length > 0 ? lines : said.split('\n')
  throw copyFault('BACKUP_FAILED', {
    found: `${program.split('/').at(-1)} failed: ${line.replace(/^\S*?(pg_\w+|psql): /, '')}`,
    next: /no space left/i.test(said)
      ? 'free some space in DATA_DIR, and on the server'
      : 'look at what it says, and into the log of the server',
  })
}

/** What stands on a command line is read by everybody on the machine. Of the driver's own words libpq knows one other. */
function withoutPassword(url: string): { target: string[]; password: string } {
  const address = new URL(url)
  const password = decodeURIComponent(address.password)
  address.password = ''
  const queried = address.searchParams.get('password')
  if (address.searchParams.get('sslmode') === 'no-verify') address.searchParams.set('sslmode', 'require')
  const rest = withoutParameters(address.href, ['password', 'application_name'])
  return { target: [`--dbname=${rest}`], password: password || (queried ?? '') }
}
