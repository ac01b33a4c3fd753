import { createHash } from 'node:crypto'
import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import type { Config } from './config.ts'
import type { LoadedConfig, LoadResult } from './load.ts'
import { formatProblem } from './problem.ts'

/** A part of the configuration; `faq` is the content of the FAQ file. */
export type Section = keyof Config | 'faq'

/** What a running process takes over; the rest waits for a restart. */
export const reloadableSections: readonly Section[] = [
  'bot',
  'faq',
  'models',
  'limits',
  'retention',
  'alerts',
  'log',
]

export interface ConfigChange {
  config: Config
  /** What changed and can be taken over now. */
  sections: Section[]
  /** What changed and waits for a restart. */
  restart: Section[]
}

export interface ConfigWatch {
  /** Reads the configuration again now, as SIGHUP asks for. */
  reload(): void
  close(): void
}

interface Needs {
  loaded: LoadedConfig
  load(): LoadResult
  /** Takes the change over; throws when it cannot, and the old configuration stays. */
  onChange(change: ConfigChange): void
  /** The new configuration has problems, a line each; the old one stays. */
  onProblems(problems: string[]): void
  /** There were problems, and there are none any more. */
  onMended(): void
  /** How often the files are looked at, and how long they must rest, in milliseconds. */
  intervalMs?: number
}

/**
 * Watches the configuration file, the FAQ file and the files of secrets. They are asked for their times rather than
 * watched by the kernel: that also sees what Kubernetes and Docker do to mounted files (renamed folders behind links).
 * A change is taken as a whole or not at all.
 */
export function watchConfig(needs: Needs): ConfigWatch {
  const { loaded, load, onChange, intervalMs = 1000 } = needs
  let current = loaded
  let faq = fingerprint(current.config.bot.faq)
  let watched: readonly string[] = []
  let timer: NodeJS.Timeout | undefined
  const report = reporter(needs)
  const soon = () => {
    clearTimeout(timer)
    timer = setTimeout(reload, Math.min(200, intervalMs))
    timer.unref()
  }
  const follow = (files: readonly string[]) => {
    for (const file of watched) if (!files.includes(file)) unwatchFile(file, soon)
    for (const file of files)
      if (!watched.includes(file)) watchFile(file, { interval: intervalMs, persistent: false }, soon)
    watched = files
  }
  const reload = () => {
    const next = loadedOrProblem(load)
    if ('problems' in next) return report(next.problems.map(formatProblem))
    const isNew = next.files.some((file) => !watched.includes(file))
    follow(next.files)
    if (isNew) soon()
    const changed: Section[] = changedSections(current.config, next.config)
    const nextFaq = fingerprint(next.config.bot.faq)
    if (nextFaq !== faq) changed.push('faq')
    if (changed.length === 0) return report([])
    const sections = changed.filter((section) => reloadableSections.includes(section))
    const restart = changed.filter((section) => !reloadableSections.includes(section))
    try {
      onChange({ config: next.config, sections, restart })
    } catch (error) {
      return report((error instanceof Error ? error.message : String(error)).split('\n'))
    }
    current = next
    faq = nextFaq
    report([])
  }
  follow(loaded.files)
  // A change between the reading of a file and the first look at its time would never be noticed.
  soon()
  return {
    reload,
    close() {
      clearTimeout(timer)
      follow([])
    },
  }
}

/** Tells of problems each time, and once that there are none any more. */
function reporter({ onProblems, onMended }: Pick<Needs, 'onProblems' | 'onMended'>) {
  let broken = false
  return (problems: string[]): void => {
    const mended = broken && problems.length === 0
    broken = problems.length > 0
    if (broken) onProblems(problems)
    else if (mended) onMended()
  }
}

/** Whatever a file does to the reading of it, the running configuration stays. */
function loadedOrProblem(load: Needs['load']): LoadResult {
  try {
    return load()
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error)
    return { problems: [{ setting: 'configuration', found, expected: 'files that can be read' }] }
  }
}

function changedSections(before: Config, after: Config): (keyof Config)[] {
  const sections: (keyof Config)[] = [
    'environment',
    'role',
    'home',
    'timezone',
    'server',
    'log',
    'database',
    'redis',
    'telegram',
    'web',
    'bot',
  ]
  const rest: (keyof Config)[] = ['models', 'limits', 'retention', 'traces', 'delivery', 'pipeline']
  return [...sections, ...rest].filter((section) => !isDeepStrictEqual(before[section], after[section]))
}

function fingerprint(path: string | undefined): string {
  if (path === undefined) return ''
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex')
  } catch {
    return '' // Gone between the check and now; the next look reports it.
  }
}
