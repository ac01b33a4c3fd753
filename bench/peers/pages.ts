/**
 * Some of the pages of a web chat: a process of its own, driven by messages of the benchmark. Each page gets its cookie,
 * opens its socket, waits for the greeting and opens a session, as the real one does.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { now } from './clock.ts'
import { textOf } from './numbers.ts'

/** What the benchmark asks for. Numbers from `firstNumber` on are this process's own. */
export type Order =
  | { type: 'open'; port: number; count: number }
  | { type: 'talk'; count: number; pauseMs: number; firstNumber: number }
  | { type: 'hush' }

/** What it is told. Times are of the shared clock. */
export type Answered = { type: 'opened'; lost: number } | { type: 'hushed'; turns: PageTurn[]; lost: number }

export interface PageTurn {
  number: number
  sentAt: number
  /** The first piece of the answer. */
  firstAt: number
  /** The answer itself. */
  doneAt: number
}

interface Page {
  socket: WebSocket
  session: string
  onFrame: (type: string, text: string) => void
}

const openAtOnce = 20
const pages: Page[] = []
let turns: PageTurn[] = []
let talking = false
let lost = 0

process.on('message', (order: Order) => void obey(order))
process.on('disconnect', () => process.exit(0))

async function obey(order: Order): Promise<void> {
  if (order.type === 'open') {
    await openPages(order.port, order.count)
    tell({ type: 'opened', lost })
  } else if (order.type === 'talk') {
    talking = true
    turns = []
    let number = order.firstNumber
    for (const page of pages.slice(0, order.count)) void converse(page, order.pauseMs, () => number++)
  } else {
    talking = false
    tell({ type: 'hushed', turns, lost })
  }
}

const tell = (answer: Answered): void => void process.send?.(answer)

async function openPages(port: number, count: number): Promise<void> {
  let left = count
  const openNext = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      pages.push(await openPage(port))
    }
  }
  await Promise.all(Array.from({ length: openAtOnce }, openNext))
}

async function openPage(port: number): Promise<Page> {
  const origin = `http://127.0.0.1:${port}`
  const response = await fetch(`${origin}/chat`)
  await response.text()
  const cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, {
    origin,
    headers: { cookie },
    perMessageDeflate: false,
  })
  const page: Page = { socket, session: randomUUID(), onFrame: () => undefined }
  const { promise, resolve, reject } = Promise.withResolvers<Page>()
  page.onFrame = (type) => {
    if (type === 'hello') send(page, { type: 'open', session: page.session, after: 0 })
    if (type === 'opened') resolve(page)
  }
  socket.on('message', (bytes: Buffer) => {
    const text = bytes.toString()
    page.onFrame(JSON.parse(text).type, text)
  })
  socket.on('error', reject)
  socket.on('close', () => {
    lost += 1
  })
  return promise
}

const send = ({ socket }: Page, frame: object): void => socket.send(JSON.stringify(frame))

/** Says something, waits for the answer, pauses, and says the next thing. */
async function converse(page: Page, pauseMs: number, nextNumber: () => number): Promise<void> {
  await sleep(Math.random() * pauseMs)
  while (talking) {
    const turn = await ask(page, nextNumber())
    if (talking) turns.push(turn)
    await sleep(Math.random() * 2 * pauseMs)
  }
}

async function ask(page: Page, number: number): Promise<PageTurn> {
  const turn = { number, sentAt: now(), firstAt: 0, doneAt: 0 }
  const { promise, resolve } = Promise.withResolvers<PageTurn>()
  page.onFrame = (type, text) => {
    if (type === 'preview') turn.firstAt ||= now()
    if (type !== 'messages' || !text.includes('"author":"bot"')) return
    turn.doneAt = now()
    turn.firstAt ||= turn.doneAt
    resolve(turn)
  }
  send(page, { type: 'send', session: page.session, id: randomUUID(), text: textOf(number) })
  return promise
}
