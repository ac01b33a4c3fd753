import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { unpack } from '../../backup/archive.ts'
import { ofFileSystem } from '../../backup/fault.ts'
import type { Manifest } from '../../backup/manifest.ts'
import { faqSetting } from '../../config/faq-setting.ts'
import type { LoadedConfig } from '../../config/load.ts'
import { archived } from './contents.ts'
import type { DeskNeeds } from './desk.ts'
import type { RestoreSource } from './source.ts'
import { inStaging } from './staging.ts'

/** A file of a backup's configuration, and where it belongs. */
export interface ArchivedFile {
  to: string
  content: Buffer
}

/** What a backup says of its configuration, for a place that has none. Nothing of it is written yet. */
export interface BroughtConfiguration {
  loaded: LoadedConfig
  /** In the order in which they are to be written: whatever parley.yaml names is there before it. */
  files: ArchivedFile[]
}

const main = 'parley.yaml'

/**
 * Reads parley.yaml, to be written to `file`, and its FAQ out of a backup, which tells where its data belongs. `load` reads
 * the configuration at a path. `undefined`: there is none in it.
 */
export async function readConfiguration(
  needs: Pick<DeskNeeds, 'loaded'>,
  source: RestoreSource,
  file: string,
  load: (path: string) => LoadedConfig,
): Promise<BroughtConfiguration | undefined> {
  return inStaging(join(needs.loaded.dataDir, '.restore'), async (folder) => {
    const { hasMain, faq } = namesIn(await unpack(await source.read(), folder, source.lock))
    if (!hasMain) return undefined
    const staged = (name: string): string => join(folder, archived.config, name)
    const home = dirname(file)
    const text = await readFile(staged(main), 'utf8')
    const loaded = await loadFrom(home, faq ? faqSetting(text).replaced(staged(faq)) : text, load)
    const files = faq ? [{ to: join(home, faq), content: await readFile(staged(faq)) }] : []
    const content = Buffer.from(faq ? namingFaq(text, home, faq) : text)
    return { loaded, files: [...files, { to: file, content }] }
  })
}

/** What of the configuration is in a backup that was unpacked into `folder`, and belongs where `place` has the same. */
export async function configurationIn(
  folder: string,
  manifest: Manifest,
  { file, config }: Pick<LoadedConfig, 'file' | 'config'>,
): Promise<ArchivedFile[]> {
  const { hasMain, faq } = namesIn(manifest)
  const pairs = [
    { name: hasMain ? main : undefined, to: file },
    { name: faq, to: config.bot.faq },
  ]
  const found: ArchivedFile[] = []
  for (const { name, to } of pairs)
    if (name !== undefined && to !== undefined)
      found.push({ to, content: await readFile(join(folder, archived.config, name)) })
  return found
}

/** Those whose place is empty, and the places where something else is. */
export async function sortOut(
  files: readonly ArchivedFile[],
): Promise<{ missing: ArchivedFile[]; kept: string[] }> {
  const missing = files.filter(({ to }) => !existsSync(to))
  const kept: string[] = []
  for (const { to, content } of files)
    if (existsSync(to) && !content.equals(await readFile(to))) kept.push(to)
  return { missing, kept }
}

function namesIn({ files }: Manifest): { hasMain: boolean; faq: string | undefined } {
  const names = files.flatMap(({ path }) =>
    path.startsWith(archived.config) ? [path.slice(archived.config.length)] : [],
  )
  return { hasMain: names.includes(main), faq: names.find((name) => name !== main) }
}

/** A FAQ that lay elsewhere is beside parley.yaml from now on. */
function namingFaq(text: string, home: string, faq: string): string {
  const { named, replaced } = faqSetting(text)
  return resolve(home, named) === join(home, faq) ? text : replaced(faq)
}

/** Reads a text as if it were the parley.yaml of `home`, whose folder its paths begin from. */
async function loadFrom(
  home: string,
  text: string,
  load: (path: string) => LoadedConfig,
): Promise<LoadedConfig> {
  const draft = join(home, `.${main}.restore`)
  try {
    await writeFile(draft, text, { mode: 0o600 })
    return load(draft)
  } catch (error) {
    throw ofFileSystem(error, home)
  } finally {
    await rm(draft, { force: true })
  }
}
