import { randomUUID } from 'node:crypto'
import type { ClientFrame, ServerFrame } from '../../src/http/contract/socket.ts'

/** Costs no money: a command. Its answer names the version of the process that answers, which may be a worker. */
const question = '/status'

/**
 * Has a conversation as a page has it: the page, a socket, a session, a message, and its answer. Returns the answer; throws
 * what went wrong. It stays in the history like any other.
 */
export async function converse(url: string, withinMs: number): Promise<string> {
  const address = new URL('/ws', url)
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
  const cookie = await visitorAt(url, withinMs)
  const socket = new WebSocket(address, { headers: { origin: new URL(url).origin, cookie } })
  try {
    return await ask(socket, withinMs)
  } catch (error) {
    throw new Error(`${address.href}: ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    socket.close()
  }
}

/** The page makes a visitor of whoever opens it. */
async function visitorAt(url: string, withinMs: number): Promise<string> {
  const page = await fetch(new URL('/chat', url), { signal: AbortSignal.timeout(withinMs) })
  const cookies = page.headers.getSetCookie().map((cookie) => cookie.split(';')[0] ?? '')
  if (page.ok && cookies.length > 0) return cookies.join('; ')
  throw new Error(`${page.url} answers ${page.status}${page.ok ? ' without a cookie' : ''}`)
}

function ask(socket: WebSocket, withinMs: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const session = randomUUID()
  const send = (frame: ClientFrame): void => socket.send(JSON.stringify(frame))
  const fail = (what: string): void => reject(new Error(what))
  let step = 'the socket did not open'
  const timer = setTimeout(() => fail(`${step} within ${withinMs / 1000} s`), withinMs)
  const on = (frame: ServerFrame): void => {
    if (frame.type === 'opened') {
      step = 'a message was not accepted'
      send({ type: 'send', session, id: randomUUID(), text: question })
    }
    if (frame.type === 'accepted') step = 'an accepted message was not answered'
    if (frame.type === 'error') fail(`${frame.code}, ${frame.message}`)
    if (frame.type !== 'messages') return
    const answer = frame.messages.find(({ author }) => author === 'bot')
    if (answer) resolve(answer.text)
  }
  socket.addEventListener('open', () => {
    step = 'a session was not opened'
    send({ type: 'open', session, after: 0 })
  })
  socket.addEventListener('message', ({ data }) => on(JSON.parse(String(data))))
  socket.addEventListener('close', ({ code }) => fail(`closed (${code}), ${step}`))
  return promise.finally(() => clearTimeout(timer))
}
