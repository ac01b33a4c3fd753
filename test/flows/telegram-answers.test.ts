import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { telegramLimits } from '../fakes/telegram/limits.ts'
import type { Sent } from '../fakes/telegram/state.ts'
import { createTelegramTown, type TelegramTown } from '../support/telegram-app.ts'

let town: TelegramTown
beforeAll(async () => {
  town = await createTelegramTown()
  await town.start({
    telegram: { triggers: ['parley'] },
    models: { max_output_tokens: 30_000, context_tokens: 200_000 },
  })
})
afterAll(() => town.close())

const textOf = (sent: Sent[]) => sent.map(({ text }) => text)
const lost = () => town.bot.state.sent.flatMap(({ lostFormatting }) => lostFormatting)
const refused = () =>
  town.bot.state.calls.filter(({ method, status }) => method === 'sendMessage' && status !== 200)

/** Asks in a chat of its own and waits until `length` characters came back. */
async function ask(chatId: string, answer: string, length = answer.length): Promise<Sent[]> {
  town.modelSays(answer)
  town.bot.person(chatId).writes('please tell me all of it, would you?')
  const arrived = () => textOf(town.bot.sentTo(chatId)).reduce((sum, text) => sum + text.length, 0)
  await town.bot.until(() => arrived() >= length, 40_000)
  return town.bot.sentTo(chatId)
}

describe('long answers', () => {
  test('4,097 characters arrive as two messages', async () => {
    const answer = `${'one '.repeat(600).trim()}\n\n${'two '.repeat(424)}x`.padEnd(4097, 'x')
    const sent = await ask('2001', answer, 4095)
    expect(textOf(sent).join('\n\n')).toBe(answer)
    expect(sent).toHaveLength(2)
  })

  test('60,000 characters arrive whole, in order, under 4,096 each', async () => {
    const answer = Array.from({ length: 11_000 }, (_, n) => `w${n}`)
      .join(' ')
      .slice(0, 60_000)
    const sent = await ask('2002', answer, answer.length - 20)
    expect(textOf(sent).join(' ')).toBe(answer)
    expect(sent.every(({ text }) => text.length <= 4096)).toBe(true)
  })

  test('code across a cut stays code in its language', async () => {
    const code = Array.from(
      { length: 200 },
      (_, n) => `const answer${n} = ${n} * 2 // ${'-'.repeat(20)}`,
    ).join('\n')
    const sent = await ask('2003', `Here:\n\n\`\`\`ts\n${code}\n\`\`\``, code.length)
    expect(sent.length).toBeGreaterThan(1)
    for (const { entities } of sent) {
      expect(entities).toEqual([expect.objectContaining({ type: 'pre', language: 'ts' })])
    }
    const parts = sent.map(({ text, entities: [pre] }) =>
      text.slice(pre?.offset, (pre?.offset ?? 0) + (pre?.length ?? 0)),
    )
    expect(parts.join('\n')).toBe(code)
  })
})

describe('Markdown', () => {
  test.each([
    ['3001', '**bold that never ends and goes on for more than fifty characters here', 'goes on'],
    ['3002', 'a [link](https://example.com and `code and ```fence that nobody ever closes at all', 'fence'],
    ['3003', '| a | b |\n|---|\n| broken | table | with | too | many | cells | in it |', 'broken'],
    ['3004', '<b>not</i> HTML & _under*score~~mix_ed** for the parser to trip over, if it can', 'trip over'],
  ])('unbalanced, it arrives all the same: %s', async (chatId, answer, part) => {
    const sent = await ask(chatId, answer, 40)
    expect(textOf(sent).join('\n')).toContain(part)
  })

  test('nothing was refused and no formatting lost', () => {
    expect(refused()).toEqual([])
    expect(lost()).toEqual([])
  })
})

describe('groups and topics', () => {
  test('answers in the topic it was asked in, and only when meant', async () => {
    town.modelSays('In the topic where somebody asked, and in no other place at all.')
    const group = town.bot.group('-1009007199254740995', { forum: true, topics: { 7: 'Topic' } })
    const member = town.bot.member(group, '4001')
    member.writes('just chatting with the others', { thread: 7 })
    member.writes('@parley_bot where do you answer, please?', { thread: 7 })
    await town.bot.waitForSent(group.id, 1)
    const poll = () => town.bot.state.updates.size
    await town.bot.until(() => poll() === 0)
    expect(town.bot.sentTo(group.id)).toMatchObject([{ thread: 7 }])
  })

  test('a trigger word is enough', async () => {
    const group = town.bot.group('-4002')
    town.bot.member(group, '4003').writes('what does Parley think about it?')
    await town.bot.waitForSent('-4002', 1)
  })
})

test('a draft grows while the answer is made', async () => {
  const tokens = Array.from({ length: 30 }, (_, n) => `piece${n} `)
  town.models.always({ tokens, tokenMs: 60 })
  town.bot.person('5001').writes('tell me slowly, piece by piece?')
  await town.bot.waitForSent('5001', 1)
  const drafts = town.bot.state.drafts.filter(({ chatId }) => chatId === '5001')
  expect(drafts.length).toBeGreaterThan(0)
  const [sent] = town.bot.sentTo('5001')
  for (const draft of drafts) {
    expect(sent?.text.startsWith(draft.text.trimEnd())).toBe(true)
    expect(draft.at).toBeLessThan(sent?.at ?? 0)
  }
})

describe('limits', () => {
  test('a 429 is obeyed to the second, then everything arrives', async () => {
    const { fake, bot } = town
    town.modelSays('An answer for everyone, as soon as Telegram wants to hear it again.')
    fake.faults.add('sendMessage', { kind: 'flood', seconds: 2 })
    const began = performance.now()
    const people = Array.from({ length: 8 }, (_, n) => String(6000 + n))
    for (const id of people) bot.person(id).writes('anything new today?')
    for (const id of people) await bot.waitForSent(id, 1, 20_000)
    const first = bot.sentTo('6000')[0]
    expect((first?.at ?? 0) - began).toBeGreaterThan(1900)
    expect(bot.state.limiter.violations).toBe(0)
  })

  test("with Telegram's own limits and paced sending, none is ever exceeded", async () => {
    const paced = await createTelegramTown({ limits: telegramLimits })
    try {
      const rate = { per_chat: 1, per_group_minute: 20, overall: 30 }
      await paced.start({ telegram: { rate } })
      paced.modelSays('Paced, as Telegram likes it: neither too fast nor too slow for anybody.')
      const people = Array.from({ length: 40 }, (_, n) => String(7000 + n))
      for (const id of people) paced.bot.person(id).writes('hello, are you there?')
      for (const id of people) await paced.bot.waitForSent(id, 1, 20_000)
      const { calls, limiter } = paced.bot.state
      expect(calls.filter(({ status }) => status === 429)).toEqual([])
      expect(limiter.violations).toBe(0)
    } finally {
      await paced.close()
    }
  })
})
