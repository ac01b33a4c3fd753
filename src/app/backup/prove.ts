import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Lock, unpack } from '../../backup/archive.ts'
import type { Bytes } from '../../backup/bytes.ts'
import { damaged } from '../../backup/fault.ts'
import type { Manifest } from '../../backup/manifest.ts'
import type { BackupName } from '../../backup/name.ts'
import type { Config } from '../../config/config.ts'
import { silentLog } from '../../ops/log.ts'
import type { Copies, DatabaseFacts } from '../../store/copy.ts'
import type { DatabaseOptions } from '../../store/open.ts'
import { archived } from './contents.ts'
import { requireFit, requireNamed } from './fit.ts'

/** A backup that was restored and asked. Times in milliseconds. */
export interface Proof {
  manifest: Manifest
  /** Reading, decrypting and checking every byte. */
  unpackMs: number
  /** The database in its place. */
  loadMs: number
  /** Every row and page. */
  examineMs: number
  /** From the start of the application to its answer. */
  answerMs: number
  /** The question, and how the answer begins. */
  question: string
  answer: string
}

export interface ProofNeeds {
  /** What it is to be. */
  name: BackupName
  config: Config
  copies: Copies
  /** An empty folder, for this alone. */
  folder: string
}

/** Always there, costs nothing, and is answered out of the configuration. */
const question = '/help'

/** Restores a backup in a scratch place, starts the application on it without channels, and asks it something. */
export async function prove(source: Bytes, lock: Lock, needs: ProofNeeds): Promise<Proof> {
  const { name, config, copies, folder } = needs
  const times = [performance.now()]
  const lap = (): void => void times.push(performance.now())
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const manifest = await unpack(source, folder, lock, (found) => {
    requireNamed(found, name)
    requireFit(found, config)
  })
  lap()
  const scratch = await copies.openScratch(join(folder, archived.database))
  try {
    lap()
    compare(manifest, await copies.examine(scratch.options))
    lap()
    const answer = await ask(config, scratch.options)
    lap()
    const [unpackMs = 0, loadMs = 0, examineMs = 0, answerMs = 0] = times
      .slice(1)
      .map((at, index) => at - (times[index] ?? 0))
    return { manifest, unpackMs, loadMs, examineMs, answerMs, question, answer }
  } finally {
    await scratch.drop()
  }
}

/** The same tables with as many rows, of the same installation. */
export function compare({ installation, database: said }: Manifest, found: DatabaseFacts): void {
  if (found.installation !== installation) throw damaged('it is of another database than its list says')
  const names = new Set([...Object.keys(said.tables), ...Object.keys(found.tables)])
  for (const name of names)
    if (said.tables[name] !== found.tables[name])
      throw damaged(
        `table ${name} has ${found.tables[name] ?? 'no'} rows where its list says ${said.tables[name] ?? 'none'}`,
      )
  if (said.migrations.join() !== found.migrations.join())
    throw damaged('its database has another schema than its list says')
}

async function ask(config: Config, database: DatabaseOptions): Promise<string> {
  const { createApp } = await import('../../app.ts')
  const app = await createApp(alone(config, database), { log: silentLog })
  try {
    const { replies } = await app.call(question, () => undefined)
    const answer = replies.map(({ text }) => text).join('\n')
    if (answer === '') throw damaged(`the application that was started on it gave no answer to ${question}`)
    return answer
  } finally {
    await app.stop()
  }
}

/** No channel receives or sends, no model is paid, no other process hears of it. */
function alone(config: Config, database: DatabaseOptions): Config {
  return {
    ...config,
    role: 'all',
    database,
    redis: undefined,
    telegram: undefined,
    traces: undefined,
    models: { ...config.models, chain: [] },
    pipeline: { ...config.pipeline, fault: undefined },
  }
}
