import { join } from 'node:path'
import { type Child, startChild } from '../processes/child.ts'
import { peersCore } from '../processes/cores.ts'
import type { Answered, Order, PageTurn } from './pages.ts'

/** Many open pages of a web chat, in processes of their own. */
export interface Crowd {
  roots: number[]
  /** Opens this many in all. */
  open(port: number, pages: number): Promise<void>
  /** Lets this many of them talk, with pauses of `pauseMs` in the mean, until `hush`. */
  talk(pages: number, pauseMs: number): void
  /** The turns since `talk`. */
  hush(): Promise<PageTurn[]>
  stop(): Promise<void>
}

const processes = 4
/** Numbers of messages, apart for each process. */
const numbersEach = 1_000_000

export function startCrowd(): Crowd {
  const children = Array.from({ length: processes }, () =>
    startChild({
      program: process.execPath,
      args: [join(import.meta.dirname, 'pages.ts')],
      core: peersCore,
      talks: true,
    }),
  )
  const all = (order: (index: number) => Order): void =>
    children.forEach((child, index) => child.process.send(order(index)))
  return {
    roots: children.map(({ pid }) => pid),
    async open(port, pages) {
      const answers = children.map((child) => nextAnswer(child))
      all(() => ({ type: 'open', port, count: pages / processes }))
      refuseLost(await Promise.all(answers))
    },
    talk(pages, pauseMs) {
      all((index) => ({
        type: 'talk',
        count: pages / processes,
        pauseMs,
        firstNumber: (index + 1) * numbersEach,
      }))
    },
    async hush() {
      const answers = children.map((child) => nextAnswer(child))
      all(() => ({ type: 'hush' }))
      const told = await Promise.all(answers)
      refuseLost(told)
      return told.flatMap((answer) => (answer.type === 'hushed' ? answer.turns : []))
    },
    async stop() {
      await Promise.all(children.map((child) => child.stop()))
    },
  }
}

function refuseLost(answers: Answered[]): void {
  const lost = answers.reduce((sum, answer) => sum + answer.lost, 0)
  if (lost > 0) throw new Error(`${lost} sockets were closed by the server`)
}

function nextAnswer(child: Child): Promise<Answered> {
  return new Promise((resolve, reject) => {
    child.process.once('message', (answer) => resolve(answer as Answered))
    child.process.once('exit', () => reject(new Error('a process of pages ended by itself')))
  })
}
