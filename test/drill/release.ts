import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { run } from '../../deploy/steps/run.ts'
import type { Image } from '../../deploy/steps/image.ts'
import { readVersion } from '../../src/ops/version.ts'

/** A version that can be started here. */
export interface Release {
  /** As it is called; `reference` tells releases apart. */
  image: Image
  /** The program: `src/main.ts` of its tree. */
  main: string
  /** What its configuration says differently. */
  env?: Record<string, string>
}

const root = join(import.meta.dirname, '../..')
/** What a server is made of, besides packages and pages. */
const parts = ['src', 'examples', 'package.json', 'package-lock.json', 'LICENSE', 'CHANGELOG.md']

export function imageOf(version: string, commit: string): Image {
  return { reference: `parley:${version}-${commit.slice(0, 12)}`, name: 'parley', version, commit }
}

/** The tree this program lies in, as it is. */
export function presentRelease(): Release {
  const { version, commit } = readVersion()
  return { image: imageOf(version, commit), main: join(root, 'src/main.ts') }
}

/** A copy of this tree that calls itself `version`, after `change` had its way with it. */
export function copyRelease(folder: string, version: string, change?: (folder: string) => void): Release {
  mkdirSync(folder)
  for (const part of parts) cpSync(join(root, part), join(folder, part), { recursive: true })
  const packageFile = join(folder, 'package.json')
  writeFileSync(packageFile, JSON.stringify({ ...JSON.parse(readFileSync(packageFile, 'utf8')), version }))
  change?.(folder)
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  borrowPages(folder)
  return stamp(folder, 'c0ffee'.repeat(7).slice(0, 40))
}

/** What git knows as `ref`, without its history: with packages of its own when its lock file differs, and its own pages. */
export async function checkOutRelease(folder: string, ref: string): Promise<Release> {
  const git = (...args: string[]): Promise<string> => run('git', ['-C', root, ...args])
  const commit = (await git('rev-parse', '--verify', `${ref}^{commit}`)).trim()
  mkdirSync(folder)
  await git('archive', '--output', join(folder, 'tree.tar'), commit)
  await run('tar', ['-xf', join(folder, 'tree.tar'), '-C', folder])
  const isSame = (path: string): boolean =>
    existsSync(join(folder, path)) &&
    readFileSync(join(folder, path), 'utf8') === readFileSync(join(root, path), 'utf8')
  if (isSame('package-lock.json')) symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  else await inFolder(folder, 'npm ci --ignore-scripts --no-audit --no-fund')
  const changed = await git('diff', '--name-only', commit, '--', 'web', 'src/http/contract')
  if (changed.trim() === '' && isSame('package-lock.json')) borrowPages(folder)
  else await inFolder(folder, 'node node_modules/vite/bin/vite.js build web --config web/vite.config.ts')
  return stamp(folder, commit)
}

/** The release before this one: the last tag that is one. */
export async function lastReleaseTag(): Promise<string> {
  const tags = await run('git', ['-C', root, 'tag', '--list', 'v[0-9]*', '--sort=-v:refname'])
  const [last] = tags.trim().split('\n')
  if (!last)
    throw new Error(
      'There is no tag of a release here: say what to begin with, --from REF; --from HEAD --expand is this commit.',
    )
  return last
}

function borrowPages(folder: string): void {
  mkdirSync(join(folder, 'dist'), { recursive: true })
  symlinkSync(join(root, 'dist/web'), join(folder, 'dist/web'))
}

/** As an image is marked with what it was built of. */
function stamp(folder: string, commit: string): Release {
  mkdirSync(join(folder, 'dist'), { recursive: true })
  const builtAt = new Date().toISOString()
  writeFileSync(join(folder, 'dist/build.json'), JSON.stringify({ commit, builtAt }))
  const { version } = readVersion(folder)
  return { image: imageOf(version, commit), main: join(folder, 'src/main.ts') }
}

/** With the Node of this process first in the PATH. */
async function inFolder(folder: string, command: string): Promise<void> {
  await run('sh', ['-c', `cd "$1" && PATH="$2:$PATH" ${command}`, 'sh', folder, dirname(process.execPath)])
}
