import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFakeModels, type FakeModels } from '../fakes/model/server.ts'
import { fakeVendors } from '../fakes/model/vendors.ts'
import { createFakeTelegram, type FakeTelegram, fakeToken } from '../fakes/telegram/telegram.ts'
import { blocksOf, operating } from '../support/blocks.ts'
import { createTestDatabase, psqlEnvironment, type TestDatabase } from '../support/databases.ts'
import { createHome, type Process, startProcess } from '../support/process.ts'
import { createTestRedis, ownPrefix } from '../support/redis.ts'
import { runProgram } from '../support/run/program.ts'
import type { TestServer } from '../support/servers/server.ts'

const root = join(import.meta.dirname, '../..')
let database: TestDatabase
let redis: TestServer
let models: FakeModels
let telegram: FakeTelegram
let home: ReturnType<typeof createHome>
let bot: Process
let env: Record<string, string>

beforeAll(async () => {
  database = await createTestDatabase()
  redis = await createTestRedis()
  models = await createFakeModels()
  telegram = await createFakeTelegram()
  home = createHome({ bot: { languages: ['en'], admins: ['7001'] }, telegram: { quiet_window: '0ms' } })
  env = {
    PARLEY_CONFIG: home.folder,
    TELEGRAM_BOT_TOKEN: fakeToken,
    TELEGRAM_API_ROOT: telegram.root,
    AI_PROVIDER: 'openai',
    AI_MODEL: fakeVendors.openai.model,
    AI_PRICE: '1/4',
    OPENAI_API_KEY: fakeVendors.openai.key,
    OPENAI_BASE_URL: models.baseUrl('openai'),
  }
  bot = await startProcess(home.folder, env)
  telegram.bot(fakeToken).person('7002').writes('please tell me all of it, would you?')
  await telegram.bot(fakeToken).waitForSent('7002', 1, 10_000)
  // Where all is well there is one.
  await runProgram([process.execPath, join(root, 'src/main.ts'), 'backup'], env)
})
afterAll(async () => {
  await bot.end('SIGTERM')
  await models.close()
  await telegram.stop()
  home.remove()
  await redis.stop()
  await database.drop()
})

const blocks = operating.flatMap(blocksOf)
const free = blocks.filter(({ needs }) => needs === undefined)
const starting = free.filter(({ text }) => text.includes('npm start'))
/** The same block stands on several pages. */
const different = [
  ...new Map(free.filter((block) => !starting.includes(block)).map((block) => [block.text, block])).values(),
]

test.each(different)('$path: $first', { timeout: 60_000 }, async ({ text }) => {
  const script = text
    .replaceAll('http://127.0.0.1:8000', bot.address)
    .replaceAll('npm run parley --', `'${process.execPath}' src/main.ts`)
    .replaceAll('npm run node --', `'${process.execPath}'`)
  const { code, output } = await runProgram(
    ['bash', '-e', '-o', 'pipefail', '-c', `cd '${root}'\n${script}`],
    {
      ...env,
      PORT: new URL(bot.address).port,
    },
  )
  expect([script, code, code === 0 ? '' : output]).toEqual([script, 0, ''])
  expect(output).not.toBe('')
})

test.each(starting)('$path: $first starts a bot', async ({ text }) => {
  const settings = text
    .replace(/postgres:\S+/, database.url)
    .replace(/redis:\S+/, redis.url)
    .matchAll(/(\w+)=(\S+)\s/g)
    .map(([, name = '', value = '']) => [name, value] as const)
  const own = createHome({ redis: { prefix: ownPrefix() } })
  try {
    const started = await startProcess(own.folder, {
      OPENAI_API_KEY: fakeVendors.openai.key,
      ...Object.fromEntries(settings),
    })
    expect(await started.end('SIGTERM')).toBe(0)
  } finally {
    own.remove()
  }
})

/** Those about its password are typed in rotation.test.ts, by a user of their own. */
const asked = blocks.filter(
  ({ path, needs }) => needs === 'PostgreSQL' && path !== 'docs/runbooks/key-rotation.md',
)

test.each(asked)('$path: PostgreSQL answers $first', async ({ text }) => {
  const { code, output } = await runProgram(
    ['bash', '-e', '-o', 'pipefail', '-c', text],
    psqlEnvironment(database.url),
  )
  expect([code, output]).toEqual([0, expect.stringMatching(/\n\([1-9]\d* rows?\)\n/)])
})

test('where backups fill the disk an old one goes at once, and not with the next', async () => {
  const [block] = blocksOf('docs/runbooks/disk-full.md').filter(({ needs }) => needs === 'a name of the list')
  const parley = async (...args: string[]) => {
    const { code, output } = await runProgram([process.execPath, join(root, 'src/main.ts'), ...args], env)
    expect([args, code, code === 0 ? '' : output]).toEqual([args, 0, ''])
    return output
  }
  const list = async (): Promise<string[]> =>
    (JSON.parse(await parley('backup', 'list', '--json')) as { backups: { name: string }[] }).backups.map(
      ({ name }) => name,
    )
  await parley('backup')
  const before = await list()
  const oldest = before.at(-1) ?? ''
  const [remove = '', ...then] = block?.text.match(/(?<=^npm run parley -- ).*$/gm) ?? []
  expect(then).toEqual(['backup'])
  await parley(...remove.replace('NAME', oldest).split(' '))
  expect(await list()).toEqual(before.filter((name) => name !== oldest))
}, 60_000)

test('there are enough of them to be worth it', () => {
  expect(different.length).toBeGreaterThan(20)
  expect([starting.length, asked.length]).toEqual([4, 2])
})
