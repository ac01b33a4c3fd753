import { describe, expect, test } from 'vitest'
import { messageOf, turnOf } from '../../test/support/turn.ts'
import { silentLog } from '../ops/log.ts'
import type { Answer, Answerer } from './answers.ts'
import { createAnswers } from './first.ts'

const says = (text: string, details: Partial<Answer> = {}): Answer => ({
  replies: [{ text }],
  confidence: 0.9,
  trace: { said: text },
  ...details,
})
const answering = (name: string, answer: Answerer['answer']): Answerer => ({ name, answer })
const ticking = () => {
  let now = 0
  return { now: () => now++ }
}
const listOf = (...answerers: Answerer[]) =>
  createAnswers({ answerers, zone: 'UTC', clock: ticking(), log: silentLog })
const declines = answering('shy', async () => undefined)
const fails = answering('broken', async () => {
  throw new Error('no such table')
})
const answers = answering('fallback', async () => says('Here I am'))

describe('the list', () => {
  test('the first answer wins, and those behind are not asked', async () => {
    const never = answering('never', () => expect.unreachable())
    const answer = await listOf(declines, answers, never).answer(turnOf(['hi']))
    expect(answer).toMatchObject({ source: 'fallback', replies: [{ text: 'Here I am' }] })
    expect(answer.trace).toEqual({
      said: 'Here I am',
      asked: [
        { name: 'shy', ms: 1 },
        { name: 'fallback', ms: 1 },
      ],
    })
  })

  test('one that throws is noted, and the next is asked', async () => {
    const answer = await listOf(fails, answers).answer(turnOf(['hi']))
    expect(answer.source).toBe('fallback')
    expect(answer.trace['skipped']).toEqual([{ name: 'broken', error: 'Error: no such table' }])
  })

  test('reasons for declining reach those behind and the trace', async () => {
    const modelless = answering('assistant', async (_turn, asked) => {
      asked?.decline('no_model', { chain: [] })
      return undefined
    })
    const last = answering('fallback', async (_turn, asked) => says(asked?.declined.join(',') ?? ''))
    const answer = await listOf(modelless, last).answer(turnOf(['hi']))
    expect(answer.replies).toEqual([{ text: 'no_model' }])
    expect(answer.trace['asked']).toMatchObject([{ declined: 'no_model', trace: { chain: [] } }, {}])
  })

  test('an aborted turn is passed on with its reason', async () => {
    const stop = new AbortController()
    const interrupted = answering('assistant', async () => {
      stop.abort(new Error('lease lost'))
      throw new Error('socket closed')
    })
    const turn = turnOf(['hi'], { signal: stop.signal })
    await expect(listOf(interrupted, answers).answer(turn)).rejects.toThrow('lease lost')
    await expect(listOf(answers).answer(turn)).rejects.toThrow('lease lost')
  })

  test('when all of them fail the turn is to be tried again', async () => {
    await expect(listOf(declines, fails).answer(turnOf(['hi']))).rejects.toMatchObject({
      message: 'No answerer had an answer',
      cause: { message: 'no such table' },
    })
  })
})

describe('what one leaves of a burst', () => {
  const usage = { inputTokens: 1, outputTokens: 2, costMicroUsd: 3 }
  const first = answering('commands', async (turn) =>
    says('Welcome', { leaves: turn.messages.slice(1), confidence: 1, usage }),
  )

  test('a silent answer to the rest leaves the source as it was', async () => {
    const second = answering('fallback', async (turn) => ({ ...says(String(turn.isRest)), replies: [] }))
    const answer = await listOf(first, second).answer(turnOf(['/start', 'we are new']))
    expect(answer).toMatchObject({ source: 'commands', replies: [{ text: 'Welcome' }] })
    expect(answer.trace).toMatchObject({ fallback: { said: 'true' } })
  })

  test('those behind answer it, and both replies are given', async () => {
    const committed: string[] = []
    const second = answering('faq', async (turn) =>
      says(`About ${turn.text}`, { usage, commit: async () => void committed.push('faq') }),
    )
    const answer = await listOf(first, second).answer(turnOf(['/start', 'prices', 'and terms']))
    expect(answer).toMatchObject({
      source: 'faq',
      replies: [{ text: 'Welcome' }, { text: 'About prices\nand terms' }],
      confidence: 0.9,
      usage: { inputTokens: 2, outputTokens: 4, costMicroUsd: 6 },
      trace: { commands: { said: 'Welcome' }, faq: { said: 'About prices\nand terms' } },
    })
    // The commits touch no row here.
    await answer.commit?.(Object.create(null))
    expect(committed).toEqual(['faq'])
  })

  test('and when nobody can, the whole turn is tried again', async () => {
    await expect(listOf(first, fails).answer(turnOf(['/start', 'prices']))).rejects.toThrow('No answerer')
  })
})

describe('silence', () => {
  const commands: Answerer = {
    name: 'commands',
    besideHumans: true,
    answer: async (turn) => (turn.text.startsWith('/') ? says('Help') : undefined),
  }

  test('a blocked contact gets nothing, whatever they write', async () => {
    const turn = turnOf(['/help'], { contact: { blocked: true } })
    expect(await listOf(commands, answers).answer(turn)).toMatchObject({ source: 'blocked', replies: [] })
    expect(listOf(answers).apology(turn, 3)).toMatchObject({ source: 'blocked', replies: [] })
  })

  test('while a human owns the conversation only commands are answered', async () => {
    const owned = { conversation: { status: 'human' as const } }
    const list = listOf(commands, answers)
    expect(await list.answer(turnOf(['hi'], owned))).toMatchObject({ source: 'human', replies: [] })
    expect(await list.answer(turnOf(['/help'], owned))).toMatchObject({ source: 'commands' })
    expect(list.apology(turnOf(['hi'], owned), 3)).toMatchObject({ source: 'human', replies: [] })
  })
})

test('the apology is in the language of the turn and offers a human', () => {
  const apology = listOf(answers).apology(turnOf(['привет'], { language: 'ru' }), 5)
  expect(apology).toMatchObject({ source: 'apology', confidence: 0, trace: { attempt: 5 } })
  expect(apology.replies[0]?.text).toContain('Простите')
  expect(apology.replies[0]?.buttons).toEqual([[{ label: 'Позвать человека', action: 'human:request' }]])
})

describe('a message over a limit', () => {
  const notice = { reason: 'hour', notice: { limit: 60, until: 60_000 } } as const
  const over = messageOf('the 61st', { over: notice })
  const heard: string[] = []
  const echo = answering('echo', async ({ text, messages }) => {
    heard.push(`${messages.length} ${text}`)
    return says(`you said ${text}`)
  })

  test('is told about after the answer to what came before it, and is part of no question', async () => {
    const answer = await listOf(echo).answer(turnOf(['one', 'two', over]))
    expect(answer.source).toBe('echo')
    expect(answer.replies.map(({ text }) => text)).toEqual([
      'you said one\ntwo',
      expect.stringContaining(
        'limit of 60 messages an hour. I can answer you again from 00:01 (in 1 minute)',
      ),
    ])
    expect(answer.trace).toMatchObject({ said: 'you said one\ntwo', limit: notice })
  })

  test('alone asks nobody', async () => {
    const answer = await listOf(answering('never', () => expect.unreachable())).answer(turnOf([over]))
    expect(answer).toMatchObject({ source: 'limit', trace: { limit: notice } })
    expect(answer.replies).toHaveLength(1)
  })

  test('has one word for several steps, the last', async () => {
    const ban = messageOf('the 82nd', { over: { reason: 'ban', notice: { until: 3_600_000 } } })
    const { replies } = await listOf(echo).answer(turnOf([over, ban]))
    expect(replies).toEqual([{ text: expect.stringContaining('I have stopped answering you') }])
  })

  test('is told about also while a human owns the conversation, and to somebody blocked by it', async () => {
    const owned = await listOf(echo).answer(turnOf(['hi', over], { conversation: { status: 'human' } }))
    expect(owned.replies).toEqual([{ text: expect.stringContaining('limit of 60') }])
    const last = messageOf('again', { over: { reason: 'blocked', notice: {} } })
    const blocked = await listOf(echo).answer(turnOf(['hi', last], { contact: { blocked: true } }))
    expect(blocked.replies).toEqual([{ text: expect.stringContaining('This chat is blocked') }])
  })
})
