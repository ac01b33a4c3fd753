import { existsSync, globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { checkArchitecture } from './support/architecture/check.ts'

const problemsOf = (files: Record<string, string>): string[] =>
  checkArchitecture(new Map(Object.entries(files))).problems

describe('this project', () => {
  const paths = globSync('{src,web,bench}/**/*.{ts,tsx}').map((path) => path.replaceAll('\\', '/'))
  const report = checkArchitecture(new Map(paths.map((path) => [path, readFileSync(path, 'utf8')])))

  test('keeps its rules', () => {
    process.stdout.write(`architecture: ${JSON.stringify(report.figures)}\n`)
    expect(paths.length).toBeGreaterThan(10)
    expect(report.problems).toEqual([])
  })

  test('has the contracts the rules speak of', () => {
    const contracts = [
      'store/store',
      'coordination/coordination',
      'llm/llm',
      'channels/channel',
      'answers/answers',
    ]
    expect(contracts.filter((name) => !existsSync(`src/${name}.ts`))).toEqual([])
  })
})

describe('a seeded fault is caught', () => {
  const long = (lines: number): string => '\n'.repeat(lines)
  const faults: [name: string, files: Record<string, string>, problem: RegExp][] = [
    ['a lower part imports a higher', { 'src/model/a.ts': `import '../ops/log.ts'` }, /row of the table/],
    [
      'a type of a higher part',
      { 'src/ops/a.ts': `import type { A } from '../store/store.ts'` },
      /row of the table/,
    ],
    [
      'an inline type import',
      { 'src/model/a.ts': `export type A = import('../ops/log.ts').Log` },
      /row of the table/,
    ],
    ['an import at run time', { 'src/model/a.ts': `await import('../ops/log.ts')` }, /row of the table/],
    ['a re-export', { 'src/model/a.ts': `export * from '../ops/log.ts'` }, /row of the table/],
    [
      'config outside of app and cli',
      { 'src/http/a.ts': `import '../config/config.ts'` },
      /row of the table/,
    ],
    ['app seen from below', { 'src/http/a.ts': `import '../app.ts'` }, /row of the table/],
    ['a source imports a test', { 'src/model/a.ts': `import './b.test.ts'` }, /row of the table/],
    [
      'a source imports test support',
      { 'src/model/a.ts': `import '../../test/fakes/a.ts'` },
      /row of the table/,
    ],
    ['main goes past cli', { 'src/main.ts': `import './app.ts'` }, /row of the table/],
    ['a folder off the map', { 'src/stuff/a.ts': '' }, /not on the map/],
    ['a file off the map', { 'src/stuff.ts': '' }, /not on the map/],
    [
      'an implementation from outside',
      { 'src/pipeline/a.ts': `import '../channels/web/web.ts'` },
      /only its contract/,
    ],
    ['an implementation of llm', { 'src/answers/a.ts': `import '../llm/chain.ts'` }, /only its contract/],
    [
      'a command line in a channel',
      { 'src/cli/a.ts': `import '../channels/web/web.ts'` },
      /row of the table/,
    ],
    ['a sibling answer', { 'src/answers/faq/a.ts': `import '../commands/b.ts'` }, /siblings/],
    [
      'a sibling dialect',
      { 'src/store/dialect/sqlite/a.ts': `import type { B } from '../postgres/b.ts'` },
      /siblings/,
    ],
    [
      'a cycle',
      { 'src/model/a.ts': `import './b.ts'`, 'src/model/b.ts': `import './a.ts'` },
      /cycle: .*a\.ts → .*b\.ts/,
    ],
    [
      'a cycle of types',
      {
        'src/model/a.ts': `import type { B } from './b.ts'`,
        'src/model/b.ts': `export type { C } from './c.ts'`,
        'src/model/c.ts': `export type C = import('./a.ts').A`,
      },
      /cycle/,
    ],
    ['a file importing itself', { 'src/model/a.ts': `import './a.ts'` }, /cycle/],
    ['any, annotated', { 'src/model/a.ts': 'export const a: any = 1' }, /a\.ts:1 uses any/],
    ['any, asserted', { 'src/model/a.ts': '\nexport const a = 1 as any' }, /a\.ts:2 uses any/],
    ['any, as an argument', { 'src/model/a.test.ts': 'export type A = Promise<any>' }, /uses any/],
    ['the environment', { 'src/ops/a.ts': 'process.env.HOME' }, /uses process\.env/],
    ['the environment, taken apart', { 'src/ops/a.ts': 'const { env } = process' }, /uses process\.env/],
    ['the environment, quoted', { 'src/ops/a.ts': `process['env']` }, /uses process\.env/],
    [
      'the environment, imported',
      { 'src/ops/a.ts': `import { env } from 'node:process'` },
      /uses process\.env/,
    ],
    ['the environment, from afar', { 'src/ops/a.ts': 'globalThis.process.env' }, /uses process\.env/],
    ['the environment elsewhere in config', { 'src/config/file.ts': 'process.env' }, /uses process\.env/],
    ['the console', { 'src/http/a.ts': 'console.log(1)' }, /uses console/],
    ['a long file', { 'src/model/a.ts': `${long(400)}export const a = 1` }, /has 401 lines/],
    ['a long function', { 'src/model/a.ts': `export function a() {${long(60)}}` }, /function of 61 lines/],
    [
      'a long arrow function',
      { 'src/model/a.ts': `export const a = () => {${long(60)}}` },
      /function of 61 lines/,
    ],
    ['a long middle', { 'src/model/a.ts': `${long(70)}export const a = 1` }, /median file has 71/],
    [
      'a page that imports the server',
      { 'web/chat/a.ts': `import type { A } from '../../src/model/a.ts'` },
      /only src\/http\/contract/,
    ],
    [
      'a page that imports values',
      { 'web/a.ts': `import { a } from '../src/http/contract/socket.ts'` },
      /only types/,
    ],
    ['a name that says nothing', { 'src/model/utils.ts': '' }, /name it after its idea/],
    ['a folder that says nothing', { 'src/model/helpers/a.ts': '' }, /name it after its idea/],
    ['a compound that says nothing', { 'src/model/user-service.ts': '' }, /name it after its idea/],
  ]

  test.each(faults)('%s', (_, files, problem) => {
    expect(problemsOf(files).join('\n')).toMatch(problem)
  })

  test('a file that does not parse', () => {
    expect(() => problemsOf({ 'src/model/a.ts': 'export const = 1' })).toThrow('src/model/a.ts')
  })
})

test.each([
  [
    'app.ts sees implementations',
    { 'src/app.ts': `import './channels/web/web.ts'; import './config/config.ts'` },
  ],
  ['cli sees the store', { 'src/cli/migrate.ts': `import '../store/migrations/index.ts'; console.log(1)` }],
  [
    'a contract of another family',
    { 'src/answers/answers.ts': `import type { Writer } from '../store/store.ts'` },
  ],
  ['the family itself', { 'src/channels/web/web.ts': `import type { Channel } from '../channel.ts'` }],
  [
    'the version of package.json',
    { 'src/ops/version.ts': `import about from '../../package.json' with { type: 'json' }` },
  ],
  [
    'the page contract',
    { 'web/chat/a.tsx': `import type { ServerFrame } from '../../src/http/contract/socket.ts'` },
  ],
  ['types by name', { 'web/a.ts': `import { type A, type B } from '../src/http/contract/socket.ts'` }],
  [
    'a test of a page that compares with the contract',
    { 'web/a.test.ts': `import { maxTextLength } from '../src/http/contract/socket.ts'` },
  ],
  ['a long migration', { 'src/store/migrations/0001.ts': `export function up() {${'\n'.repeat(65)}}` }],
  [
    'words in comments and texts',
    { 'src/model/a.ts': `// any process.env console\nexport const a = 'process.env'` },
  ],
])('allowed: %s', (_, files) => {
  expect(problemsOf(files)).toEqual([])
})
