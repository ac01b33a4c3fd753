import type { Update } from '@grammyjs/types'
import { wireBot, wireChat } from './chats.ts'
import { createDelivery, type Delivery, type DeliveryOptions } from './delivery.ts'
import { wireId } from './json.ts'
import { createLimiter, type Limits } from './limits.ts'
import { type Actor, createActor } from './people.ts'
import type { Bot, Callback, ChatKind, FakeChat, Person, Sent } from './state.ts'

/** One bot of the fake, for tests to look at and to act upon. */
export interface FakeBot {
  readonly state: Bot
  /** A person in the private chat with the bot. */
  person(id: string, about?: Partial<Omit<Person, 'id'>>): Actor
  /** A group chat (ids are negative); `forum`: with topics. */
  group(
    id: string,
    about?: { title?: string; kind?: ChatKind; forum?: boolean; topics?: Record<number, string> },
  ): FakeChat
  /** The group becomes a supergroup: another chat with this id, as a service message in the old one tells. */
  upgrade(group: FakeChat, id: string): FakeChat
  /** A person in a group. */
  member(chat: FakeChat, id: string, about?: Partial<Omit<Person, 'id'>>): Actor
  /** Queues an update of any kind as it is. */
  update(kind: string, chatId: string, content: unknown): number
  /** Queues an update again that was queued before: Telegram delivers twice now and then. */
  repeat(updateId: number): void
  sentTo(chatId: string): Sent[]
  callback(id: string): Callback
  /** Waits until `met` holds, looking after everything that happens; rejects after `ms`. */
  until(met: () => boolean, ms?: number): Promise<void>
  /** Waits for `count` messages in this chat and returns them. */
  waitForSent(chatId: string, count: number, ms?: number): Promise<Sent[]>
}

export interface BotOptions {
  token: string
  username: string
  limits: Limits
  now(): number
  delivery: DeliveryOptions
}

/** Kinds a bot gets only when it asks for them (Bot API, "getUpdates"). */
const onRequest = new Set(['chat_member', 'message_reaction', 'message_reaction_count'])

export function createFakeBot(options: BotOptions): { bot: FakeBot; delivery: Delivery } {
  const watchers = new Set<() => void>()
  const bodies = new Map<number, { kind: string; chatId: string; body: string }>()
  const state = createState(options, () => {
    for (const watch of watchers) watch()
  })
  const delivery = createDelivery(state, options.delivery)
  state.webhookChanged = () => delivery.reload()

  function queue(id: number, kind: string, chatId: string, body: string): void {
    const { allowedUpdates } = state
    if (allowedUpdates ? !allowedUpdates.includes(kind) : onRequest.has(kind)) return
    const update = { id, kind, chatId, body }
    state.updates.set(id, update)
    delivery.enqueue(update)
    state.poll?.respond()
  }

  function update(kind: string, chatId: string, content: unknown): number {
    state.nextUpdateId += 1
    const id = state.nextUpdateId
    const body = JSON.stringify({ update_id: id, [kind]: content })
    bodies.set(id, { kind, chatId, body })
    queue(id, kind, chatId, body)
    return id
  }

  const emit = (kind: string, chatId: string, content: Omit<Update, 'update_id'>) => {
    const [inner] = Object.values(content)
    update(kind, chatId, inner)
  }

  const bot: FakeBot = {
    state,
    person(id, about = {}) {
      const person = createPerson(id, about)
      return createActor(
        state,
        person,
        addChat(state, id, { kind: 'private', title: person.name, person }),
        emit,
      )
    },
    group(id, { title = 'Group', kind = 'supergroup', forum = false, topics = {} } = {}) {
      const chat = addChat(state, id, { kind, title, person: undefined })
      chat.forum = forum
      for (const [topic, name] of Object.entries(topics)) chat.topics.set(Number(topic), name)
      return chat
    },
    upgrade(group, id) {
      group.upgradedTo = id
      state.nextMessageId += 1
      const about = { message_id: state.nextMessageId, date: Math.floor(Date.now() / 1000) }
      update('message', group.id, {
        ...about,
        from: wireBot(state),
        chat: wireChat(group),
        migrate_to_chat_id: wireId(id),
      })
      return addChat(state, id, { kind: 'supergroup', title: group.title, person: undefined })
    },
    member: (chat, id, about = {}) => createActor(state, createPerson(id, about), chat, emit),
    update,
    repeat(updateId) {
      const known = bodies.get(updateId)
      if (!known) throw new Error(`update ${updateId} was never made`)
      queue(updateId, known.kind, known.chatId, known.body)
    },
    sentTo: (chatId) => state.sent.filter((sent) => sent.chatId === chatId),
    callback(id) {
      const callback = state.callbacks.get(id)
      if (!callback) throw new Error(`no callback ${id}`)
      return callback
    },
    until: (met, ms = 5000) => waitUntil(watchers, met, ms),
    async waitForSent(chatId, count, ms = 5000) {
      await waitUntil(watchers, () => bot.sentTo(chatId).length >= count, ms)
      return bot.sentTo(chatId)
    },
  }
  return { bot, delivery }
}

function createState({ token, username, limits, now }: BotOptions, changed: () => void): Bot {
  return {
    id: token.split(':')[0] ?? '',
    token,
    username,
    name: 'Fake',
    chats: new Map(),
    nextMessageId: 0,
    nextUpdateId: 700_000_000,
    updates: new Map(),
    allowedUpdates: undefined,
    webhook: undefined,
    nextWebhookSetAt: 0,
    poll: undefined,
    nextConflictAt: 0,
    conflicts: 0,
    callbacks: new Map(),
    commands: new Map(),
    calls: [],
    sent: [],
    drafts: [],
    actions: [],
    limiter: createLimiter(limits, now),
    changed,
    webhookChanged: () => {},
  }
}

function createPerson(id: string, about: Partial<Omit<Person, 'id'>>): Person {
  return { id, name: about.name ?? `Person ${id}`, username: about.username, language: about.language }
}

function addChat(
  bot: Bot,
  id: string,
  about: { kind: ChatKind; title: string; person: Person | undefined },
): FakeChat {
  const known = bot.chats.get(id)
  if (known) return known
  const chat: FakeChat = {
    id,
    ...about,
    forum: false,
    topics: new Map(),
    state: 'open',
    upgradedTo: undefined,
    messages: new Map(),
  }
  bot.chats.set(id, chat)
  return chat
}

function waitUntil(watchers: Set<() => void>, met: () => boolean, ms: number): Promise<void> {
  if (met()) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const stop = () => {
      watchers.delete(look)
      clearTimeout(timer)
    }
    const look = () => {
      if (!met()) return
      stop()
      resolve()
    }
    const timer = setTimeout(() => {
      stop()
      reject(new Error(`did not happen within ${ms} ms: ${met.toString()}`))
    }, ms)
    watchers.add(look)
  })
}
