import { randomBytes } from 'node:crypto'
import type { Events } from '../../ops/events.ts'
import type { Bus } from '../coordination.ts'
import { createTopics, type Topics } from '../topics.ts'
import type { Connection } from './connection.ts'
import { decode, encode } from './event.ts'
import { createHealer, type Healer } from './healer.ts'
import type { Send } from './outgoing.ts'
import { createSubscriber, type Subscriber } from './subscriber.ts'

export interface BusNeeds {
  send: Send
  /** Opens a connection of its own: one that listens can do nothing else. */
  open(name: string, onChange: (up: boolean) => void): Connection
  prefix: string
  events: Pick<Events, 'redisAsked'>
}

export interface RedisBus extends Bus {
  /** Redis takes what is sent again. */
  sendingAgain(): void
  close(): void
}

/**
 * Publishes to Redis and tells its own process at once, whatever becomes of the rest. Subscribes at Redis to what somebody
 * here listens to. Whoever may have missed something is told to look at the rows: after a subscription, while Redis is away
 * and when it is back, and when another process says that it could not publish.
 */
export function createRedisBus(needs: BusNeeds): RedisBus {
  const { send, prefix } = needs
  // Tells our own echo apart.
  const origin = randomBytes(6).toString('hex')
  const names = namesOf(prefix)
  const topics = createTopics()
  const heal = (topic: string): void => topics.tell(topic, { type: 'changed', conversationId: topic, seq: 0 })
  const healer = createHealer({ topics: topics.names, heal })
  let subscriber: Subscriber | undefined
  let missed = false

  const say = async (channel: string, text: string): Promise<void> => {
    try {
      await send('publish', () => ['publish', channel, text])
    } catch {
      missed = true
    }
  }

  return {
    publish(event, topic = event.conversationId) {
      topics.tell(topic, event)
      void say(names.channel(topic), encode(origin, event))
    },
    subscribe(topic, handler) {
      subscriber ??= listen({ ...needs, origin, names, topics, healer, heal })
      const channel = names.channel(topic)
      if (!topics.has(topic)) subscriber.changed(channel)
      return topics.add(topic, handler, () => subscriber?.changed(channel))
    },
    sendingAgain() {
      if (!missed) return
      missed = false
      void say(names.missed, origin)
    },
    close() {
      healer.stop()
      subscriber?.close()
    },
  }
}

interface Names {
  /** Where a process says that it could not publish. */
  missed: string
  channel(topic: string): string
  topic(channel: string): string
}

function namesOf(prefix: string): Names {
  const start = `${prefix}:bus:`
  return {
    missed: `${prefix}:missed`,
    channel: (topic) => start + topic,
    topic: (channel) => channel.slice(start.length),
  }
}

interface Listening extends BusNeeds {
  origin: string
  names: Names
  topics: Topics
  healer: Healer
  heal(topic: string): void
}

/** Hears what other processes say on the topics of this one. */
function listen({ open, origin, names, topics, healer, heal, events }: Listening): Subscriber {
  healer.keep(true)
  const connection = open('bus', (up) => {
    if (!up) healer.keep(true)
  })
  return createSubscriber({
    connection,
    always: names.missed,
    wanted: () => topics.names().map(names.channel),
    isWanted: (channel) => topics.has(names.topic(channel)),
    onMessage(channel, text) {
      if (channel === names.missed) return text === origin ? undefined : healer.round()
      const event = decode(origin, text)
      if (event) topics.tell(names.topic(channel), event)
    },
    // What was said before a subscription stood was missed.
    onSubscribed(channels, again) {
      healer.keep(false)
      if (again) healer.round()
      else for (const channel of channels) heal(names.topic(channel))
    },
    events,
  })
}
