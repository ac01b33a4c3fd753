import { describe, expect, test } from 'vitest'
import type { Channel, Destination } from '../../src/channels/channel.ts'
import type { Incoming } from '../../src/model/message.ts'

/** A channel of its own for each test, and the people at its other end. */
export interface ChannelSubject {
  channel: Channel
  /** A chat that takes messages, and one that does not exist. Unused where delivery is `pull`. */
  reachable: Destination
  unreachable: Destination
  /** Texts that arrived at the reachable chat, as people see them. */
  arrived(): string[]
  /** Somebody writes to the bot; `undefined`: the channel does not fetch by itself. */
  write: ((text: string) => void) | undefined
  /** The platform goes away. */
  cut(): Promise<void>
  close(): Promise<void>
}

const words = (text: string): string[] => text.match(/\w\d+/g) ?? []

/** What every channel promises (`src/channels/channel.ts`). */
export function channelContract(create: () => Promise<ChannelSubject>): void {
  const using = (work: (subject: ChannelSubject) => Promise<void>) => async () => {
    const subject = await create()
    try {
      await work(subject)
    } finally {
      await subject.close()
    }
  }

  describe('split', () => {
    test(
      'keeps every word in order, leaves no part empty, puts the buttons under the last',
      using(async ({ channel }) => {
        const buttons = [[{ label: 'Yes', action: 'yes' }]]
        for (const count of [1, 700, 12_000]) {
          const text = Array.from({ length: count }, (_, n) => `w${n}`).join(' ')
          const parts = channel.split({ text, buttons })
          expect(parts.flatMap((part) => words(part.text))).toEqual(words(text))
          expect(parts.every((part) => part.text.trim() !== '')).toBe(true)
          expect(parts.flatMap((part) => (part.buttons ? [part.buttons] : []))).toEqual([buttons])
          expect(parts.at(-1)?.buttons).toEqual(buttons)
        }
      }),
    )

    test(
      'splits no part again',
      using(async ({ channel }) => {
        const text = Array.from({ length: 3000 }, (_, n) => `**w${n}** and \`c${n}\``).join('\n')
        for (const part of channel.split({ text })) expect(channel.split(part)).toEqual([part])
      }),
    )
  })

  describe('send', () => {
    const push = (work: (subject: ChannelSubject) => Promise<void>) =>
      using(async (subject) => {
        const { channel } = subject
        if (channel.capabilities.delivery === 'push') return work(subject)
        const refused = await channel.send({ ...subject.reachable, ...message('never sent') })
        expect(refused).toMatchObject({ ok: false, fault: { kind: 'final' } })
      })

    test(
      'delivers, and tells the id of the message',
      push(async ({ channel, reachable, arrived }) => {
        const ids = new Set<string>()
        for (const text of ['w1', '**w2', 'w3 `']) {
          const result = await channel.send({ ...reachable, ...message(text) })
          if (!result.ok) return expect.unreachable(result.fault.reason)
          ids.add(result.platformId)
        }
        expect(words(arrived().join(' '))).toEqual(['w1', 'w2', 'w3'])
        expect(ids.size).toBe(3)
        expect([...ids].every((id) => id !== '')).toBe(true)
      }),
    )

    test(
      'takes as plain text what was refused with markup',
      push(async ({ channel, reachable, arrived }) => {
        const result = await channel.send({ ...reachable, ...message('**w1** _w2'), plain: true })
        expect(result.ok).toBe(true)
        expect(arrived()).toEqual(['**w1** _w2'])
      }),
    )

    test(
      'calls a chat that does not exist final, a platform that is away worth another try',
      push(async ({ channel, reachable, unreachable, cut }) => {
        const nowhere = await channel.send({ ...unreachable, ...message('w1') })
        expect(nowhere).toMatchObject({ ok: false, fault: { kind: 'final', reason: expect.any(String) } })
        await cut()
        const away = await channel.send({ ...reachable, ...message('w1') })
        expect(away).toMatchObject({
          ok: false,
          fault: { kind: expect.stringMatching(/^(retry|wait|unknown)$/), reason: expect.any(String) },
        })
      }),
    )
  })

  describe('best effort', () => {
    test(
      'never throws, whatever the platform does',
      using(async ({ channel, reachable, unreachable, cut }) => {
        const show = () => {
          for (const destination of [reachable, unreachable]) {
            channel.typing?.(destination)
            channel.preview?.(destination, 'turn-1', '**so far')
          }
          channel.accepted?.({ ...pressed, channel: channel.name, account: channel.account })
          channel.ignored?.({ ...pressed, channel: channel.name, account: channel.account })
        }
        show()
        await cut()
        show()
        await channel.stop?.()
        show()
      }),
    )
  })

  describe('receiving', () => {
    test(
      'offers an update again until it is accepted, under the same id',
      using(async ({ channel, write }) => {
        if (!write) return expect(channel.start).toBeUndefined()
        const offered: Incoming[] = []
        const taken = Promise.withResolvers<void>()
        await channel.start?.(async (incoming) => {
          offered.push(...incoming)
          if (offered.length === 1) throw new Error('the database is away')
          taken.resolve()
        })
        write('w1')
        await taken.promise
        expect(offered).toHaveLength(2)
        expect(offered[0]).toEqual(offered[1])
        expect(offered[0]).toMatchObject({
          channel: channel.name,
          account: channel.account,
          kind: 'text',
          text: 'w1',
        })
        expect(offered[0]?.updateId).not.toBe('')
      }),
    )

    test(
      'stops, also twice, also unstarted, and tells its state throughout',
      using(async ({ channel }) => {
        expect(['up', 'starting', 'down']).toContain(channel.status().state)
        await channel.stop?.()
        await channel.stop?.()
        expect(channel.status().detail).not.toBe('')
      }),
    )
  })
}

const message = (text: string) => ({
  seq: 1,
  text,
  buttons: undefined,
  plain: false,
  before: Number.POSITIVE_INFINITY,
})

const pressed: Omit<Incoming, 'channel' | 'account'> = {
  updateId: '1',
  chat: { id: '1', thread: '', kind: 'private' },
  sender: { id: '1', name: 'A', language: undefined },
  kind: 'button',
  text: 'yes',
  platformId: '1',
  extra: { callbackId: '1' },
}
