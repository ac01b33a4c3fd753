import { describe } from 'vitest'
import { createTelegram } from '../../src/channels/telegram/telegram.ts'
import { createWebChannel } from '../../src/channels/web/channel.ts'
import { createMemoryAllowances } from '../../src/coordination/memory/allowances.ts'
import { systemClock } from '../../src/model/time.ts'
import { silentLog } from '../../src/ops/log.ts'
import { createFakeTelegram, fakeToken } from '../fakes/telegram/telegram.ts'
import { type ChannelSubject, channelContract } from './channel.ts'

const destination = (chatId: string) => ({
  conversationId: `conversation-${chatId}`,
  chatId,
  threadId: '',
  kind: 'private' as const,
})

describe('channel contract: telegram', () => {
  channelContract(async (): Promise<ChannelSubject> => {
    const fake = await createFakeTelegram()
    const bot = fake.bot(fakeToken)
    const person = bot.person('9007199254740993')
    const channel = createTelegram({
      receives: 'updates',
      paceOf: () => createMemoryAllowances(),
      config: {
        token: fakeToken,
        apiRoot: fake.root,
        webhookUrl: undefined,
        webhookSecret: undefined,
        triggers: [],
        quietWindowMs: 0,
        rate: { perChat: 0, perGroupMinute: 0, overall: 0 },
        timeoutMs: 2000,
      },
      menus: () => [],
      lease: { hold: async () => true, release: async () => undefined, until: async () => undefined },
      events: {
        channelChanged: () => undefined,
        channelConflict: () => undefined,
        updatesIgnored: () => undefined,
        faulted: () => undefined,
      },
      log: silentLog,
      clock: systemClock,
    })
    return {
      channel,
      reachable: destination(person.person.id),
      unreachable: destination('404'),
      arrived: () => bot.sentTo(person.person.id).map(({ text }) => text),
      write: (text) => void person.writes(text),
      cut: () => fake.stop(),
      async close() {
        await channel.stop?.()
        await fake.stop()
      },
    }
  })
})

describe('channel contract: web', () => {
  channelContract(async () => ({
    channel: createWebChannel({ quietWindowMs: 0 }),
    reachable: destination('session'),
    unreachable: destination('404'),
    arrived: () => [],
    write: undefined,
    cut: async () => undefined,
    close: async () => undefined,
  }))
})
