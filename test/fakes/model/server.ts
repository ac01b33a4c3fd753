import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Behaviour } from './behaviour.ts'
import type { FakeCall } from './format.ts'
import { play, refuse } from './play.ts'
import { type FakeProvider, fakeVendors } from './vendors.ts'

/** A request as it arrived; `closed` tells whether the caller hung up before the answer was over. */
export interface FakeRequest {
  provider: FakeProvider
  model: string
  headers: FakeCall['headers']
  body: unknown
  closed: Promise<boolean>
}

type Script = Behaviour | ((request: FakeRequest) => Behaviour)

export interface FakeModels {
  origin: string
  baseUrl(provider: FakeProvider): string
  /** What the next accepted requests get, one each; afterwards the standing behaviour again. */
  next(...behaviours: Behaviour[]): void
  /** What every accepted request gets. */
  always(script: Script): void
  /** The keys it takes from now on. */
  setKey(provider: FakeProvider, ...keys: string[]): void
  /** The last thousand or more, oldest first: accepted and refused ones. */
  requests: FakeRequest[]
  openSockets(): number
  close(): Promise<void>
}

const bodyLimit = 4 * 1024 * 1024

/** Strict model servers of all providers on one loopback port, each under its own name as the first path segment. */
export async function createFakeModels(options: { port?: number } = {}): Promise<FakeModels> {
  const keys = new Map<FakeProvider, readonly string[]>()
  const queue: Behaviour[] = []
  const requests: FakeRequest[] = []
  let standing: Script = {}
  let sockets = 0

  const remember = (request: FakeRequest): void => {
    if (requests.push(request) > 2000) requests.splice(0, 1000)
  }
  const handle = (incoming: IncomingMessage, response: ServerResponse, raw: string): void => {
    const accepted = accept(incoming, response, raw, keys, remember)
    if (!accepted) return
    const script = queue.shift() ?? standing
    const behaviour = typeof script === 'function' ? script(accepted.request) : script
    void play({ ...accepted, behaviour, response })
  }
  const server = createServer((incoming, response) => {
    void readBody(incoming).then(
      (raw) => handle(incoming, response, raw),
      () => response.writeHead(413).end(),
    )
  })
  server.on('connection', (socket) => {
    sockets += 1
    socket.setNoDelay(true)
    socket.once('close', () => {
      sockets -= 1
    })
  })
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const address = server.address()
  const origin = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  return {
    origin,
    baseUrl: (provider) => `${origin}/${provider}${fakeVendors[provider].base}`,
    next: (...behaviours) => void queue.push(...behaviours),
    always: (script) => {
      standing = script
    },
    setKey: (provider, ...taken) => void keys.set(provider, taken),
    requests,
    openSockets: () => sockets,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

function accept(
  incoming: IncomingMessage,
  response: ServerResponse,
  raw: string,
  keys: Map<FakeProvider, readonly string[]>,
  remember: (request: FakeRequest) => void,
) {
  const [, name = '', ...rest] = (incoming.url ?? '').split('/')
  if (!isProvider(name)) return notFound(response)
  const { format, key } = fakeVendors[name]
  const call: FakeCall = {
    url: new URL(`/${rest.join('/')}`, 'http://fake'),
    headers: incoming.headers,
    body: parse(raw),
  }
  const model = incoming.method === 'POST' ? format.model(call) : undefined
  if (model === undefined) return notFound(response)
  const request = {
    provider: name,
    model,
    headers: incoming.headers,
    body: call.body,
    closed: closedEarly(response),
  }
  remember(request)
  const refusals = (keys.get(name) ?? [key]).map((taken) => format.checkKey(call, taken))
  const refusal = refusals.every((each) => each) ? refusals[0] : checkRequest(name, call, model)
  if (!refusal) return { format, model, call, request }
  refuse(response, refusal)
  return undefined
}

function checkRequest(name: FakeProvider, call: FakeCall, model: string) {
  const { format, model: known } = fakeVendors[name]
  if (!call.headers['content-type']?.startsWith('application/json'))
    return format.refusal(400, 'content-type must be application/json')
  if (call.body === undefined) return format.refusal(400, 'the body is not valid JSON')
  if (model !== known) return format.unknownModel(model)
  const wrong = format.checkShape(call)
  return wrong ? format.refusal(400, wrong) : undefined
}

const isProvider = (name: string): name is FakeProvider => Object.hasOwn(fakeVendors, name)

const notFound = (response: ServerResponse): undefined =>
  void response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not found</h1>')

const closedEarly = (response: ServerResponse): Promise<boolean> =>
  new Promise((resolve) => response.once('close', () => resolve(!response.writableFinished)))

function parse(raw: string): unknown {
  try {
    return JSON.parse(raw)
  } catch {
    // Not JSON: refused by checkRequest in the provider's own words.
    return undefined
  }
}

function readBody(incoming: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let size = 0
    incoming.on('data', (part: Buffer) => {
      size += part.length
      if (size > bodyLimit) reject(new Error('too large'))
      else parts.push(part)
    })
    incoming.on('end', () => resolve(Buffer.concat(parts).toString('utf8')))
    incoming.on('error', reject)
  })
}
