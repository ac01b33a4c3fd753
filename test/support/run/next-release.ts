import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { runProgram } from './program.ts'

const folder = join(import.meta.dirname, '../../../node_modules/.cache/debian')

/** Where a program is: where the variable says, in the PATH, or among those that were unpacked. */
export function findProgram(name: string, variable?: string): string | undefined {
  const named = variable === undefined ? undefined : process.env[variable]
  if (named !== undefined) return existsSync(named) ? named : undefined
  return [...(process.env.PATH ?? '').split(delimiter), join(folder, 'root/usr/bin')]
    .map((place) => join(place, name))
    .find((path) => existsSync(path))
}

/**
 * Debian 12 lacks some packages that Debian 13 has. Fetches them from there, from the machine's own mirror and with its own
 * keys, and unpacks them into `node_modules/.cache`: nothing of the system changes. They must need no other package.
 * Returns what went wrong.
 */
export async function unpackFromNextRelease(packages: string[]): Promise<string> {
  const mirror = mirrorOf()
  if (mirror === undefined) return 'This machine has no mirror of Debian.\n'
  rmSync(join(folder, 'downloads'), { recursive: true, force: true })
  for (const path of ['lists/partial', 'cache/archives/partial', 'downloads'])
    mkdirSync(join(folder, path), { recursive: true })
  const keys = '/usr/share/keyrings/debian-archive-keyring.gpg'
  writeFileSync(join(folder, 'sources.list'), `deb [signed-by=${keys}] ${mirror} trixie main\n`)
  writeFileSync(
    join(folder, 'apt.conf'),
    [
      `Dir::Etc::sourcelist "${folder}/sources.list";`,
      'Dir::Etc::sourceparts "-";',
      `Dir::State::lists "${folder}/lists";`,
      `Dir::Cache "${folder}/cache";`,
      'APT::Sandbox::User "root";',
    ].join('\n'),
  )
  const env = { APT_CONFIG: join(folder, 'apt.conf') }
  const download = `cd '${folder}/downloads' && apt-get download -qq ${packages.map((name) => `${name}/trixie`).join(' ')}`
  const commands = [
    ['apt-get', 'update', '-qq'],
    ['sh', '-c', download],
  ]
  for (const command of commands) {
    const { code, output } = await runProgram(command, env)
    if (code !== 0) return output
  }
  for (const file of readdirSync(join(folder, 'downloads'))) {
    const { code, output } = await runProgram([
      'dpkg',
      '-x',
      join(folder, 'downloads', file),
      join(folder, 'root'),
    ])
    if (code !== 0) return output
  }
  for (const path of ['lists', 'cache', 'downloads']) rmSync(join(folder, path), { recursive: true })
  return ''
}

/** The mirror this machine gets Debian from. */
function mirrorOf(): string | undefined {
  const files = ['/etc/apt/sources.list', ...listsOf('/etc/apt/sources.list.d')]
  const texts = files.map((path) => readOrNothing(path))
  const found = /^(?:URIs:\s*|deb\s+(?:\[[^\]]*\]\s+)?)(https?:\/\/\S+\/debian)\/?(?:\s|$)/m
  return texts.map((text) => found.exec(text)?.[1]).find((address) => address !== undefined)
}

function listsOf(path: string): string[] {
  try {
    return readdirSync(path).map((name) => join(path, name))
  } catch {
    return [] // Not Debian.
  }
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // There need not be one.
  }
}
