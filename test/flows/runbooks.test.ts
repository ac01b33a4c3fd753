import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFakeModels, type FakeModels } from '../fakes/model/server.ts'
import { fakeVendors } from '../fakes/model/vendors.ts'
import { createFakeTelegram, type FakeTelegram, fakeToken } from '../fakes/telegram/telegram.ts'
import { blocksOf, operating } from '../support/blocks.ts'
import { createHome, type Process, startProcess } from '../support/process.ts'
import { runProgram } from '../support/run/program.ts'

const root = join(import.meta.dirname, '../..')
let models: FakeModels
let telegram: FakeTelegram
let home: ReturnType<typeof createHome>
let bot: Process
let env: Record<string, string>

beforeAll(async () => {
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
})

const blocks = operating.flatMap(blocksOf).filter(({ needs }) => needs === undefined)
/** The same block stands on several pages. */
const different = [...new Map(blocks.map((block) => [block.text, block])).values()]

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

test('there are enough of them to be worth it', () => {
  expect(different.length).toBeGreaterThan(20)
})
