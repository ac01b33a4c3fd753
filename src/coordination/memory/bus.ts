import type { Bus } from '../coordination.ts'
import { createTopics } from '../topics.ts'

/** The bus of a single process: handlers are called at once. */
export function createMemoryBus(): Bus {
  const topics = createTopics()
  return {
    publish: (event, topic = event.conversationId) => topics.tell(topic, event),
    subscribe: (topic, handler) => topics.add(topic, handler),
  }
}
