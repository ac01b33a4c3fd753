import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createAssistant } from '../../src/answers/assistant/assistant.ts'
import { createCommands } from '../../src/answers/commands/commands.ts'
import { createFallback } from '../../src/answers/fallback/fallback.ts'
import { createAnswers } from '../../src/answers/first.ts'
import { createHandoff } from '../../src/answers/handoff/handoff.ts'
import { LlmError } from '../../src/llm/llm.ts'
import type { StoredMessage } from '../../src/model/message.ts'
import { silentLog } from '../../src/ops/log.ts'
import { migrate, openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/store.ts'
import { type Script, says, scriptedLlm } from '../support/llm.ts'
import { messageOf, pressOf, turnOf, type TurnDetails } from '../support/turn.ts'

const whole = 'A web application costs between 20 and 150 thousand dollars.'
const clock = { now: () => 5_000_000 }
const languages = ['en', 'ru'] as const

let folder: string
let store: Store
let conversationId: string
const offered: string[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-answers-'))
  const options = { kind: 'sqlite' as const, path: join(folder, 'parley.db') }
  store = await openStore(options, { onConnectionError: (error) => expect.unreachable(error.message) })
  await migrate(options, store)
  const accepted = await store.write((tx) =>
    tx.inbox.accept([{ incoming: arriving, quietMs: 0 }], clock.now()),
  )
  conversationId = accepted[0]?.conversationId ?? ''
})

afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

const arriving = {
  channel: 'web',
  account: 'web',
  updateId: 'update-1',
  chat: { id: 'chat-1', thread: '', kind: 'private' as const },
  sender: { id: 'visitor-1', name: 'Anna', language: undefined },
  kind: 'text' as const,
  text: 'hello',
  platformId: '',
}

/** The whole list but the FAQ, with a model that plays these scripts; none: no model. */
function listWith(...scripts: Script[]) {
  const llm = scripts.length > 0 ? scriptedLlm(...scripts) : undefined
  const face = { name: 'Parley', languages, welcome: { text: {}, buttons: [] }, commands: [] }
  const budget = { contextTokens: 2000, maxOutputTokens: 500, timeoutMs: 1000 }
  const group = {
    channel: 'telegram',
    account: '42',
    chatId: '-100777',
    threadId: '',
    kind: 'group' as const,
  }
  const version = { version: '1.2.3', commit: 'abc' }
  const answers = createAnswers({
    answerers: [
      createCommands({ face, version, startedAt: 0, clock, read: store.read }),
      createHandoff({
        targets: [{ ...group, repliesAre: 'queued' }],
        languages,
        read: store.read.handoffs,
        clock,
        events: { handoffOffered: (event) => offered.push(event.reason) },
      }),
      createAssistant({
        llm: () => llm,
        persona: 'You are Parley.',
        languages,
        budget,
        takeCall: async () => undefined,
        clock,
        log: silentLog,
      }),
      createFallback({ name: 'Quay', reachesTeam: () => true, topics: [], languages, zone: 'UTC', clock }),
    ],
    zone: 'UTC',
    clock,
    log: silentLog,
  })
  return async (said: (string | StoredMessage)[], details: TurnDetails = {}) => {
    const answer = await answers.answer(turnOf(said, { conversation: { id: conversationId }, ...details }))
    await store.write(async (tx) => answer.commit?.(tx))
    return { ...answer, text: answer.replies.map(({ text }) => text).join('\n') }
  }
}

test('a request for a human is stored once, its note queued for the team, and shown by /status', async () => {
  const say = listWith()
  expect(await say(['hello', 'talk to a human'])).toMatchObject({ source: 'handoff', trace: { notes: 1 } })
  expect(await say([pressOf('human:request')])).toMatchObject({ trace: { trigger: 'repeated' } })
  expect(await store.read.handoffs.open(10)).toMatchObject([
    { conversationId, summary: 'hello\ntalk to a human' },
  ])
  expect(offered).toHaveLength(1)
  const group = await store.read.conversations.find('telegram', '42', '-100777', '')
  const notes = await store.read.messages.since(group?.id ?? '', 0, 10)
  expect(notes).toMatchObject([{ author: 'bot', state: 'queued' }])
  expect(notes[0]?.text).toContain('talk to a human')
  expect((await say(['/status'], { role: 'admin' })).text).toContain('Open requests for a human: 1')
  expect((await say(['anna@example.com'])).text).toContain('passed')
  expect((await store.read.messages.since(group?.id ?? '', 0, 10)).length).toBe(2)
})

test('a welcome does not swallow the question sent with it', async () => {
  const answer = await listWith(says(whole))(['/start', 'What does a web application cost?'])
  expect(answer.source).toBe('assistant')
  expect(answer.replies.map(({ text }) => text)).toEqual([
    expect.stringContaining('I am Parley, a bot'),
    whole,
  ])
})

test.each([
  ['without a model', [], 'I answer from a fixed set of topics', 'no_model'],
  [
    'with a broken model',
    [[new LlmError('unavailable', 'a/b', '503')]],
    'language model I use is not available',
    'model_failed',
  ],
  [
    'with a key that is refused',
    [[new LlmError('auth', 'a/b', '401')]],
    'assistant is not available at the moment',
    'model_locked',
  ],
] as const)(
  '%s the person is told honestly, and the trace says why',
  async (_name, scripts, words, reason) => {
    const answer = await listWith(...scripts.map((script) => [...script]))(['Why is the sky blue?'])
    expect(answer).toMatchObject({ source: 'fallback', trace: { reason } })
    expect(answer.text).toContain(words)
    expect(answer.trace['asked']).toMatchObject([{}, {}, { name: 'assistant', declined: reason }, {}])
  },
)

test('a voice note is not shown to the model', async () => {
  const answer = await listWith(says(whole))([messageOf('', { extra: { media: 'voice' } })])
  expect(answer).toMatchObject({ source: 'fallback', trace: { reason: 'media' } })
})

test('a summary of a long talk is stored with the turn', async () => {
  const past = Array.from({ length: 60 }, (_, index) => messageOf('word '.repeat(100), { seq: index + 1 }))
  await listWith(says('Anna wants a shop.'), says(whole))(['Price?'], { past })
  expect(await store.read.conversations.get(conversationId)).toMatchObject({ summary: 'Anna wants a shop.' })
})
