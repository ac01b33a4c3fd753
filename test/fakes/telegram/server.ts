import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { isRecord, readArguments } from './arguments.ts'
import type { Faults } from './faults.ts'
import { parseJson } from './json.ts'
import { methods } from './methods.ts'
import { badRequest, Refusal } from './refusal.ts'
import type { Bot, Call } from './state.ts'

export interface ServerNeeds {
  botOf(token: string): Bot | undefined
  faults: Faults
  secureWebhooks: boolean
  /** Methods this server does not know, in lower case: an older Bot API server. */
  unknown: ReadonlySet<string>
  /** Keep every call? Off for long benchmarks. */
  record: boolean
}

/** The HTTP face: `/bot<token>/<method>`, arguments as JSON, form or query. */
export function createBotApiServer(needs: ServerNeeds): Server {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => void handle(needs, request, response, Buffer.concat(chunks).toString()))
  })
  server.keepAliveTimeout = 60_000
  return server
}

async function handle(needs: ServerNeeds, request: IncomingMessage, response: ServerResponse, body: string) {
  const match = /^\/bot([^/]+)\/(?:test\/)?(\w+)\/?(?:\?(.*))?$/.exec(request.url ?? '')
  if (!match) return refuse(response, new Refusal(404, 'Not Found'))
  const [, token = '', name = '', query = ''] = match
  const bot = needs.botOf(decodeURIComponent(token))
  if (!bot) return refuse(response, new Refusal(401, 'Unauthorized'))
  const call: Call = { method: name, args: {}, at: performance.now(), status: 0, description: '' }
  if (needs.record) bot.calls.push(call)
  const status = await answer(needs, bot, call, { request, response, query, body })
  call.status = status
  bot.changed()
}

interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  query: string
  body: string
}

/** Applies planned faults around the call; resolves to the status sent, 0 for none. */
async function answer(needs: ServerNeeds, bot: Bot, call: Call, exchange: Exchange): Promise<number> {
  const { response } = exchange
  const fault = needs.faults.take(call.method.toLowerCase(), () => (call.args = readBody(exchange)))
  if (fault?.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, fault.ms))
  if (fault?.kind === 'says') return send(response, fault.code, fault.body)
  if (fault?.kind === 'status') return plainStatus(response, fault.code)
  if (fault?.kind === 'flood') bot.limiter.block(fault.seconds, fault.chat)
  const lost = fault?.kind === 'hang' || fault?.kind === 'reset' ? fault : undefined
  if (lost && !lost.after) return lose(response, lost.kind)
  try {
    const result = await run(needs, bot, call, exchange)
    return lost ? lose(response, lost.kind) : send(response, 200, `{"ok":true,"result":${result}}`)
  } catch (error) {
    const refusal =
      error instanceof Refusal ? error : new Refusal(500, `Internal Server Error: ${String(error)}`)
    call.description = refusal.message
    return refuse(response, refusal)
  }
}

async function run(needs: ServerNeeds, bot: Bot, call: Call, exchange: Exchange): Promise<string> {
  const name = call.method.toLowerCase()
  const method = needs.unknown.has(name) ? undefined : methods.get(name)
  if (!method) throw new Refusal(404, 'Not Found: method not found')
  call.args = readBody(exchange)
  const result = await method(bot, readArguments(call.args), {
    onClose: (gone) => whenGone(exchange, gone),
    secureWebhooks: needs.secureWebhooks,
  })
  return isRecord(result) && typeof result['rawJson'] === 'string'
    ? result['rawJson']
    : JSON.stringify(result)
}

/** Seen by the end of what the client sends: the response closes only later, when its next call may be here already. */
function whenGone({ request, response }: Exchange, gone: () => void): void {
  const { socket } = request
  socket.once('end', gone)
  response.once('close', () => {
    socket.off('end', gone)
    gone()
  })
}

function readBody({ request, query, body }: Exchange): Record<string, unknown> {
  const args: Record<string, unknown> = query === '' ? {} : Object.fromEntries(new URLSearchParams(query))
  if (body === '') return args
  const type = request.headers['content-type'] ?? ''
  if (type.startsWith('application/x-www-form-urlencoded')) {
    return { ...args, ...Object.fromEntries(new URLSearchParams(body)) }
  }
  if (!type.startsWith('application/json')) throw badRequest('unsupported content type')
  try {
    const json = parseJson(body)
    if (isRecord(json)) return { ...args, ...json }
  } catch {
    // Told below, as for a body that is not an object.
  }
  throw badRequest("can't parse request body JSON")
}

function send(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string> = {},
): number {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
    ...headers,
  })
  response.end(text)
  return status
}

function refuse(response: ServerResponse, { code, message, parameters }: Refusal): number {
  const seconds = parameters?.retry_after
  const body = { ok: false, error_code: code, description: message, ...(parameters ? { parameters } : {}) }
  return send(
    response,
    code,
    JSON.stringify(body),
    seconds === undefined ? {} : { 'retry-after': String(seconds) },
  )
}

function plainStatus(response: ServerResponse, code: number): number {
  response.writeHead(code, { 'content-type': 'text/html' })
  response.end(`<html><body><h1>${code}</h1></body></html>`)
  return code
}

function lose(response: ServerResponse, kind: 'hang' | 'reset'): 0 {
  if (kind === 'reset') response.socket?.resetAndDestroy()
  return 0
}
