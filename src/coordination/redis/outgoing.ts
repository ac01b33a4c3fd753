import type { Events } from '../../ops/events.ts'
import type { Connection } from './connection.ts'

/** A command of Redis and its arguments. */
export type Command = [name: string, ...args: (string | number)[]]
export type Operation = 'ring' | 'publish' | 'count'

/**
 * Sends a command with all others of this moment and resolves with the answer; rejects at once while Redis is away.
 * `compose` is asked when the command leaves: what came meanwhile may join it.
 */
export type Send = (operation: Operation, compose: () => Command) => Promise<unknown>

interface Order {
  operation: Operation
  compose: () => Command
  resolve: (answer: unknown) => void
  reject: (error: Error) => void
}

export function createSend(connection: Connection, events: Pick<Events, 'redisAsked'>): Send {
  let orders: Order[] = []

  async function flush(): Promise<void> {
    const leaving = orders
    orders = []
    const commands = leaving.map(({ compose }) => compose())
    if (!connection.isUp()) {
      for (const order of leaving) refuse(order, 'dropped', new Error('Redis is away'))
      return
    }
    const answers = await connection.redis
      .pipeline(commands)
      .exec()
      .catch((error: Error) => leaving.map((): [Error, undefined] => [error, undefined]))
    leaving.forEach((order, index) => settle(order, answers?.[index] ?? [new Error('no answer'), undefined]))
  }

  function settle(order: Order, [error, answer]: [Error | null, unknown]): void {
    if (error) {
      if (isTimeout(error)) connection.renew()
      refuse(order, 'failed', error)
    } else {
      events.redisAsked({ operation: order.operation, status: 'ok' })
      order.resolve(answer)
    }
  }

  function refuse({ operation, reject }: Order, status: 'dropped' | 'failed', error: Error): void {
    events.redisAsked({ operation, status })
    reject(error)
  }

  return (operation, compose) =>
    new Promise((resolve, reject) => {
      orders.push({ operation, compose, resolve, reject })
      // Whatever arrives with the same poll of the event loop leaves with it.
      if (orders.length === 1) setImmediate(() => void flush())
    })
}

/** What the library says when a command had no answer in time. */
export const isTimeout = (error: unknown): boolean =>
  error instanceof Error && error.message === 'Command timed out'
