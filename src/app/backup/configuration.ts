import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { unpack } from '../../backup/archive.ts'
import { ofFileSystem } from '../../backup/fault.ts'
import { faqSetting } from '../../config/faq-setting.ts'
import type { LoadedConfig } from '../../config/load.ts'
import { archived } from './contents.ts'
import type { DeskNeeds } from './desk.ts'
import type { RestoreSource } from './source.ts'
import { inStaging } from './staging.ts'

/** A file that is to be written where there is none. */
export interface NewFile {
  to: string
  content: Buffer
}

/** What a backup says of its configuration, for a place that has none. Nothing of it is written yet. */
export interface BroughtConfiguration {
  loaded: LoadedConfig
  /** In the order in which they are to be written: whatever parley.yaml names is there before it. */
  files: NewFile[]
}

const main = 'parley.yaml'

/**
 * Reads parley.yaml and its FAQ out of a backup, which tells where its data belongs once it is in `home`. `load` reads the
 * configuration at a path. `undefined`: there is none in it.
 */
export async function readConfiguration(
  needs: Pick<DeskNeeds, 'loaded'>,
  source: RestoreSource,
  home: string,
  load: (path: string) => LoadedConfig,
): Promise<BroughtConfiguration | undefined> {
  return inStaging(join(needs.loaded.dataDir, '.restore'), async (folder) => {
    const manifest = await unpack(await source.read(), folder, source.lock)
    const names = manifest.files.flatMap(({ path }) =>
      path.startsWith(archived.config) ? [path.slice(archived.config.length)] : [],
    )
    if (!names.includes(main)) return undefined
    const staged = (name: string): string => join(folder, archived.config, name)
    const text = await readFile(staged(main), 'utf8')
    const faq = names.find((name) => name !== main)
    const loaded = await loadFrom(home, faq ? faqSetting(text).replaced(staged(faq)) : text, load)
    const files = faq ? [{ to: join(home, faq), content: await readFile(staged(faq)) }] : []
    const content = Buffer.from(faq ? namingFaq(text, home, faq) : text)
    return {
      loaded,
      files: [...files, { to: join(home, main), content }].filter(({ to }) => !existsSync(to)),
    }
  })
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
