import type { Update } from '@grammyjs/types'
import { describe, expect, test } from 'vitest'
import { createFakeTelegram, fakeToken } from '../../../test/fakes/telegram/telegram.ts'
import { triggerPattern } from './addressed.ts'
import { parseExactly } from './json.ts'
import { translate } from './translate.ts'

const by = {
  id: '123456',
  username: 'parley_bot',
  triggers: triggerPattern(['parley', 'C++']),
  commands: new Set(['help']),
}

/** The last update the fake made of what a person did. */
async function updateOf(
  act: (bot: ReturnType<Awaited<ReturnType<typeof createFakeTelegram>>['bot']>) => void,
) {
  const fake = await createFakeTelegram()
  const bot = fake.bot(fakeToken)
  act(bot)
  await fake.stop()
  const [last] = [...bot.state.updates.values()].slice(-1)
  return translate(parseExactly(last?.body ?? '') as Update, by)
}

describe('private chats', () => {
  test('a message, with ids beyond 2^53 exact', async () => {
    const id = '9007199254740993'
    const { incoming } = await updateOf((bot) =>
      bot.person(id, { name: 'Ann', username: 'ann', language: 'ru-RU' }).writes('hello'),
    )
    expect(incoming).toEqual({
      channel: 'telegram',
      account: '123456',
      updateId: '700000001',
      chat: { id, thread: '', kind: 'private' },
      sender: { id, name: 'Ann', language: 'ru' },
      kind: 'text',
      text: 'hello',
      platformId: '1',
      extra: { username: 'ann' },
    })
  })

  test('a deep link keeps its payload, a command its name without the bot', async () => {
    const { incoming: link } = await updateOf((bot) => bot.person('1').writes('/start campaign_7'))
    expect(link?.text).toBe('/start campaign_7')
    const { incoming: command } = await updateOf((bot) => bot.person('1').writes('/help@Parley_Bot now'))
    expect(command?.text).toBe('/help now')
  })

  test('an edit, a caption, a photo without one', async () => {
    const edit = await updateOf((bot) => {
      const person = bot.person('1')
      person.edits(person.writes('frist'), 'first')
    })
    expect(edit.incoming).toMatchObject({ kind: 'edit', text: 'first', platformId: '1' })
    const captioned = await updateOf((bot) => bot.person('1').posts('photo', [], { caption: 'look' }))
    expect(captioned.incoming).toMatchObject({ kind: 'text', text: 'look', extra: { media: 'photo' } })
    const bare = await updateOf((bot) => bot.person('1').posts('voice', { duration: 3 }))
    expect(bare.incoming).toMatchObject({ kind: 'text', text: '', extra: { media: 'voice' } })
  })

  test('an edit without words, such as a move of a live location, is nothing', () => {
    const message = {
      message_id: 1,
      date: 1,
      edit_date: 2,
      chat: { id: 1, type: 'private', first_name: 'A' },
      from: { id: 1, is_bot: false, first_name: 'A' },
      location: { latitude: 1, longitude: 2, live_period: 3600 },
    }
    const edited = (more: object) =>
      translate({ update_id: 1, edited_message: { ...message, ...more } } as unknown as Update, by).incoming
    expect(edited({})).toBeUndefined()
    expect(edited({ caption: 'here' })).toMatchObject({ kind: 'edit', text: 'here' })
    const sent = translate({ update_id: 1, message } as unknown as Update, by).incoming
    expect(sent).toMatchObject({ kind: 'text', text: '', extra: { media: 'location' } })
  })

  test('service messages, channel posts, other bots and unknown kinds are nothing', () => {
    const chat = { id: 1, type: 'private', first_name: 'A' }
    const from = { id: 1, is_bot: false, first_name: 'A' }
    for (const content of [
      { message: { message_id: 1, date: 1, chat, from, pinned_message: {} } },
      { message: { message_id: 1, date: 1, chat, from: { ...from, is_bot: true }, text: 'beep' } },
      { message: { message_id: 1, date: 1, chat: { ...chat, type: 'channel' }, from, text: 'news' } },
      { channel_post: { message_id: 1, date: 1, chat, text: 'news' } },
      { made_up: { a: 1 } },
    ]) {
      expect(translate({ update_id: 1, ...content } as unknown as Update, by).incoming).toBeUndefined()
    }
  })
})

describe('groups', () => {
  const inGroup = (text: string, options = {}) =>
    updateOf((bot) =>
      bot.member(bot.group('-100777', { forum: true, topics: { 5: 'Topic' } }), '1').writes(text, options),
    )

  test.each([
    ['@parley_bot what is this?', 'what is this?'],
    ['hey @Parley_Bot, help', 'hey help'],
    ['@parley_bot', '@parley_bot'],
    ['/help@parley_bot', '/help'],
    ['/help', '/help'],
    ['Parley, are you there?', 'Parley, are you there?'],
    ['who knows c++?', 'who knows c++?'],
  ])('meant for the bot: %j', async (text, read) => {
    expect((await inGroup(text)).incoming).toMatchObject({
      text: read,
      chat: { id: '-100777', kind: 'group' },
    })
  })

  test.each([
    'hello all',
    '/help@other_bot',
    '/unknown',
    '@other_bot hi',
    'parleying',
    'mail a@parley_bot.example',
  ])('not meant for the bot: %j', async (text) => {
    expect((await inGroup(text)).incoming).toBeUndefined()
  })

  test('a topic is a thread; replies to the bot are meant for it, the opening of a topic is not one', async () => {
    expect((await inGroup('@parley_bot hi', { thread: 5 })).incoming?.chat.thread).toBe('5')
    const message = {
      message_id: 2,
      date: 1,
      chat: { id: -1, type: 'supergroup', title: 'G' },
      from: { id: 1, is_bot: false, first_name: 'A' },
      text: 'and then?',
    }
    const replyTo = (reply_to_message: object) =>
      translate({ update_id: 1, message: { ...message, reply_to_message } } as unknown as Update, by).incoming
    const bot = { id: 123456, is_bot: true, first_name: 'Parley' }
    expect(replyTo({ message_id: 1, from: bot })?.text).toBe('and then?')
    expect(replyTo({ message_id: 1, from: bot, forum_topic_created: {} })).toBeUndefined()
    expect(replyTo({ message_id: 1, from: { ...bot, id: 9 } })).toBeUndefined()
  })
})

test('a pressed button carries its action, label and callback', async () => {
  const press = {
    update_id: 5,
    callback_query: {
      id: '42',
      chat_instance: '1',
      from: { id: 1, is_bot: false, first_name: 'A' },
      data: 'cmd:help',
      message: {
        message_id: 9,
        date: 1,
        chat: { id: -1, type: 'supergroup', title: 'G' },
        is_topic_message: true,
        message_thread_id: 7,
        reply_markup: { inline_keyboard: [[{ text: 'Help me', callback_data: 'cmd:help' }]] },
      },
    },
  }
  expect(translate(press as unknown as Update, by).incoming).toMatchObject({
    kind: 'button',
    text: 'cmd:help',
    platformId: '9',
    chat: { id: '-1', thread: '7', kind: 'group' },
    extra: { callbackId: '42', label: 'Help me' },
  })
  const orphan = { update_id: 5, callback_query: { ...press.callback_query, message: undefined } }
  expect(translate(orphan as unknown as Update, by)).toEqual({ incoming: undefined, callbackId: '42' })
})
