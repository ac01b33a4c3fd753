import { expect, test } from 'vitest'
import { createPlatform, incoming } from '../../test/support/pipeline.ts'
import type { Button, Incoming } from '../model/message.ts'
import { createEvents } from '../ops/events.ts'
import { silentLog } from '../ops/log.ts'
import { createMetrics } from '../ops/metrics.ts'
import type { MessageReader } from '../store/store.ts'
import { createPressCheck } from './presses.ts'

const ignored: string[] = []
const platform = createPlatform('telegram')
const channel = { ...platform.channel, ignored: ({ text }: Incoming) => void ignored.push(text) }

/** The check on a store that knows these messages, and how often it was asked. */
function create(rows: Record<string, Button[][]>) {
  let asked = 0
  const buttonsOf: MessageReader['buttonsOf'] = async ({ chatId }, platformId) => {
    asked += 1
    return chatId === 'ann' ? rows[platformId] : undefined
  }
  const store = { read: { messages: { buttonsOf } } }
  const events = createEvents({ log: silentLog, metrics: createMetrics({ process: false }) })
  return {
    asked: () => asked,
    check: createPressCheck({ store, channels: new Map([['telegram', channel]]), events }),
  }
}

const press = (action: string, more: Partial<Incoming> = {}) =>
  incoming('telegram', 'ann', action, { kind: 'button', ...more })
const buttons = [[{ label: 'Yes', action: 'yes' }]]

test('text costs nothing, nor does a press whose channel names no message', async () => {
  const { check, asked } = create({})
  const texts = [incoming('telegram', 'ann', 'hello'), press('yes', { platformId: '' })]
  expect(await check(texts)).toEqual(texts)
  expect(asked()).toBe(0)
})

test('only what the message offered is passed on, in order', async () => {
  const { check, asked } = create({ 9: buttons })
  const updates = [
    press('yes', { platformId: '9' }),
    press('no', { platformId: '9', extra: { label: 'No' } }),
    incoming('telegram', 'ann', 'hello'),
    press('yes', { platformId: '8' }),
    press('yes', { platformId: '8', extra: { label: 'Yes' } }),
  ]
  expect(await check(updates)).toEqual([updates[0], updates[2], updates[4]])
  expect(ignored).toEqual(['no', 'yes'])
  expect(asked()).toBe(4)
})
