import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createFallback } from '../../src/answers/fallback/fallback.ts'
import { createAnswers } from '../../src/answers/first.ts'
import { createHandoff } from '../../src/answers/handoff/handoff.ts'
import { newId } from '../../src/model/ids.ts'
import { systemClock } from '../../src/model/time.ts'
import { silentLog } from '../../src/ops/log.ts'
import {
  createPlatform,
  incoming,
  type Platform,
  startPipeline,
  type TestPipeline,
} from '../support/pipeline.ts'
import { createTestStore, databaseKinds, type TestStore } from '../support/stores.ts'

const waitFor = { timeout: 20_000, interval: 20 }

describe.each(databaseKinds)('requests for a human in a flood, on %s', (kind) => {
  let place: TestStore
  let people: Platform
  let team: Platform
  let running: TestPipeline[]
  beforeAll(async () => {
    place = await createTestStore(kind)
  })
  beforeEach(async () => {
    people = createPlatform(newId())
    team = createPlatform(newId())
    running = [await startProcess(), await startProcess()]
  })
  afterEach(() => Promise.all(running.map((one) => one.stop())))
  afterAll(() => place.drop())

  async function startProcess(): Promise<TestPipeline> {
    const store = await place.another()
    const target = { channel: team.channel.name, account: 'bot', chatId: 'team', threadId: '' }
    const [zone, clock] = ['UTC', systemClock]
    const handoff = createHandoff({
      targets: [{ ...target, kind: 'group', repliesAre: 'queued' }],
      languages: ['en'],
      read: store.read.handoffs,
      clock,
      events: { handoffOffered: () => undefined },
    })
    const answerers = [
      handoff,
      createFallback({ name: 'Quay', reachesTeam: () => true, topics: [], languages: ['en'], zone, clock }),
    ]
    const { answer } = createAnswers({ answerers, zone, clock, log: silentLog })
    return startPipeline({ store, platforms: [people, team], answers: answer })
  }

  /** Says it in `count` conversations at once, spread over the processes; resolves with the answers. */
  async function ask(text: string, count: number, personOf: (chat: number) => string): Promise<string[]> {
    const chats = Array.from({ length: count }, () => newId())
    const before = people.sends.length
    await Promise.all(
      chats.map(async (chat, index) => {
        const sender = { id: personOf(index), name: 'Visitor', language: undefined }
        await running[index % 2]?.pipeline.accept([incoming(people.channel.name, chat, text, { sender })])
      }),
    )
    await vi.waitFor(() => expect(people.sends.length - before).toBe(count), waitFor)
    return chats.flatMap((chat) => people.inbox(chat))
  }

  const like = (texts: string[], pattern: RegExp): number => texts.filter((text) => pattern.test(text)).length
  const notes = () => team.inbox('team')

  test('one person in forty sessions at once sends one note, and one for an address', async () => {
    const person = newId()
    const told = await ask('talk to a human', 40, () => person)
    expect(like(told, /I have passed a note/)).toBe(1)
    expect(like(told, /has your request already/)).toBe(39)
    expect(await ask('anna@example.com', 10, () => person)).toContain(
      'Thank you. I have passed anna\\@example\\.com on to the team.',
    )
    await vi.waitFor(() => expect(notes()).toHaveLength(2), waitFor)
  })

  test('forty persons at once send thirty notes; ten are kept, and said to be', async () => {
    const told = await ask('talk to a human', 40, () => newId())
    expect(like(told, /I have passed a note/)).toBe(30)
    expect(like(told, /is kept for the team/)).toBe(10)
    await vi.waitFor(() => expect(notes()).toHaveLength(30), waitFor)
    const open = await place.store.read.handoffs.open(1000)
    const ours = await Promise.all(
      open.map(
        async ({ conversationId }) => (await place.store.read.conversations.get(conversationId))?.channel,
      ),
    )
    expect(ours.filter((channel) => channel === people.channel.name)).toHaveLength(40)
  })
})
