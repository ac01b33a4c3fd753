import { randomBytes } from 'node:crypto'
import type { Events } from '../../ops/events.ts'
import type { Bus } from '../coordination.ts'
import { createTopics } from '../topics.ts'
import type { Connection } from './connection.ts'
import { decode, encode } from './event.ts'
import { createHealer } from './healer.ts'
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
export function createRedisBus({ send, open, prefix, events }: BusNeeds): RedisBus {
  const origin = randomBytes(6).toString('hex')
  const missedChannel = `${prefix}:missed`
  const channelPrefix = `${prefix}:bus:`
  const topics = createTopics()
  const heal = (topic: string): void => topics.tell(topic, { type: 'changed', conversationId: topic, seq: 0 })
  const healer = createHealer({ topics: topics.names, heal })
  const channels = {
    of: (topic: string) => channelPrefix + topic,
    topic: (channel: string) => channel.slice(channelPrefix.length),
  }
  let subscriber: Subscriber | undefined
  let missed = false

  const say = async (channel: string, text: string): Promise<void> => {
    try {
      await send('publish', () => ['publish', channel, text])
    } catch {
      missed = true
    }
  }
  const hear = (channel: string, text: string): void => {
    if (channel === missedChannel) {
      if (text !== origin) healer.round()
      return
    }
    const event = decode(origin, text)
    if (event) topics.tell(channels.topic(channel), event)
  }
  const listen = (): Subscriber => {
    healer.keep(true)
    const connection = open('bus', (up) => {
      if (!up) healer.keep(true)
    })
    return createSubscriber({
      connection,
      always: missedChannel,
      wanted: () => topics.names().map(channels.of),
      isWanted: (channel) => topics.has(channels.topic(channel)),
      onMessage: hear,
      // What was said before a subscription stood was missed.
      onSubscribed(names, again) {
        healer.keep(false)
        if (again) healer.round()
        else for (const name of names) heal(channels.topic(name))
      },
      events,
    })
  }

  return {
    publish(event, topic = event.conversationId) {
      topics.tell(topic, event)
      void say(channels.of(topic), encode(origin, event))
    },
    subscribe(topic, handler) {
      subscriber ??= listen()
      const channel = channels.of(topic)
      if (!topics.has(topic)) subscriber.changed(channel)
      return topics.add(topic, handler, () => subscriber?.changed(channel))
    },
    sendingAgain() {
      if (!missed) return
      missed = false
      void say(missedChannel, origin)
    },
    close() {
      healer.stop()
      subscriber?.close()
    },
  }
}
