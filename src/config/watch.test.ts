import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { loadConfig, type LoadedConfig } from './load.ts'
import { formatProblem } from './problem.ts'
import { type ConfigChange, type ConfigWatch, reloadableSections, watchConfig } from './watch.ts'

let cwd = ''
let watch: ConfigWatch | undefined
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'parley-watch-'))
})
afterEach(() => {
  watch?.close()
  rmSync(cwd, { recursive: true, force: true })
})

function write(name: string, text: string): void {
  writeFileSync(join(cwd, name), text)
}

function begin(env: Record<string, string> = {}, refuse: () => void = () => undefined) {
  const load = () => loadConfig({ env, cwd })
  const loaded = load()
  if ('problems' in loaded) throw new Error(loaded.problems.map(formatProblem).join('\n'))
  const changes: ConfigChange[] = []
  const problems: string[] = []
  watch = watchConfig({
    loaded: loaded satisfies LoadedConfig,
    load,
    intervalMs: 20,
    onChange(change) {
      refuse()
      changes.push(change)
    },
    onProblems: (found) => problems.push(...found),
    onMended: () => problems.push('mended'),
  })
  return { changes, problems, watch }
}

const patiently = { timeout: 10_000, interval: 20 }

test('a saved file is noticed; what waits for a restart is named', async () => {
  write('parley.yaml', 'bot: { name: A }')
  const { changes } = begin()
  write('parley.yaml', 'bot: { name: B }\nserver: { port: 1 }\nlog: { level: debug }')
  await vi.waitFor(() => expect(changes).toHaveLength(1), patiently)
  expect(changes[0]).toMatchObject({
    sections: ['log', 'bot'],
    restart: ['server'],
    config: { bot: { name: 'B' } },
  })
})

test('a change of any section is taken over or waits for a restart, whichever section it is', () => {
  write('parley.yaml', '')
  const loaded = loadConfig({ env: {}, cwd })
  if ('problems' in loaded) throw new Error('the empty file has problems')
  const sections = Object.keys(loaded.config) as (keyof LoadedConfig['config'])[]
  expect(sections).toEqual(expect.arrayContaining(['alerts', 'backup', 'redis', 'telegram']))
  const said = sections.map((section) => {
    const changes: ConfigChange[] = []
    const ignored = { onProblems: () => undefined, onMended: () => undefined }
    const own = watchConfig({
      loaded,
      load: () => ({ ...loaded, config: { ...loaded.config, [section]: { other: true } } }),
      onChange: (change) => changes.push(change),
      ...ignored,
    })
    own.reload()
    own.close()
    return changes.map(({ sections: now, restart }) => ({ now, restart }))
  })
  expect(said).toEqual(
    sections.map((section) => {
      const isNow = reloadableSections.includes(section)
      return [{ now: isNow ? [section] : [], restart: isNow ? [] : [section] }]
    }),
  )
})

test('the key of a collector waits for a restart', () => {
  write('parley.yaml', '')
  write('headers', 'x-key=of-tests-1')
  const { changes, watch: own } = begin({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
    OTEL_EXPORTER_OTLP_HEADERS_FILE: 'headers',
  })
  write('headers', 'x-key=of-tests-2')
  own.reload()
  expect(changes).toMatchObject([{ sections: [], restart: ['traces'] }])
})

test('a file with problems keeps the old configuration until it is mended', () => {
  write('parley.yaml', 'bot: { name: A }')
  const { changes, problems, watch: own } = begin()
  write('parley.yaml', 'bot: { name: B }\nx: 1\ny: 2')
  own.reload()
  expect(problems).toHaveLength(2)
  expect(changes).toHaveLength(0)
  write('parley.yaml', 'bot: { name: A }')
  own.reload()
  own.reload()
  expect(problems.slice(2)).toEqual(['mended'])
  write('parley.yaml', 'bot: { name: C }')
  own.reload()
  expect(changes.map(({ config }) => config.bot.name)).toEqual(['C'])
})

test('the content of the FAQ and the file of a key count; the same content does not', () => {
  write('parley.yaml', 'bot: { faq: faq.yaml }')
  write('faq.yaml', 'entries: []')
  write('key', 'one')
  const { changes, watch: own } = begin({ OPENAI_API_KEY_FILE: 'key' })
  own.reload()
  write('faq.yaml', 'entries: [] # more')
  own.reload()
  write('key', 'two')
  own.reload()
  expect(changes.map(({ sections }) => sections)).toEqual([['faq'], ['models']])
  expect(changes[1]?.config.models.chain[0]?.apiKey).toBe('two')
})

test('a file replaced behind a link, as Kubernetes does it, is noticed', async () => {
  write('parley.yaml', '')
  write('key-1', 'one')
  write('key-2', 'two')
  symlinkSync('key-1', join(cwd, 'key'))
  const { changes } = begin({ OPENAI_API_KEY_FILE: 'key' })
  symlinkSync('key-2', join(cwd, 'next'))
  renameSync(join(cwd, 'next'), join(cwd, 'key'))
  await vi.waitFor(() => expect(changes[0]?.config.models.chain[0]?.apiKey).toBe('two'), patiently)
})

test('what the running bot refuses is reported, and tried again with the next change', () => {
  write('parley.yaml', 'bot: { name: A }')
  let broken = true
  const {
    changes,
    problems,
    watch: own,
  } = begin({}, () => {
    if (broken) throw new Error('the FAQ has no entries')
  })
  write('parley.yaml', 'bot: { name: B }')
  own.reload()
  expect(problems).toEqual(['the FAQ has no entries'])
  broken = false
  own.reload()
  expect(problems.at(-1)).toBe('mended')
  expect(changes.map(({ sections }) => sections)).toEqual([['bot']])
})
