import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Accept } from '../../channels/channel.ts'
import { ParleyError } from '../../model/errors.ts'
import type { Incoming } from '../../model/message.ts'
import type { Events } from '../../ops/events.ts'
import { createBodyRoom } from '../body-room.ts'
import { createPace } from '../pace.ts'

export interface TelegramWebhookNeeds {
  /** Whether the secret header is right; constant in time. */
  secretMatches(header: string | undefined): boolean
  /** The body as updates; throws while that cannot be told. */
  receive(body: Buffer): { incoming: Incoming[]; ignored: number } | { malformed: string }
  /** Resolves when the updates are durable. */
  accept: Accept
  /** Throws while no updates are taken. */
  check(): void
  /** Counts a call with a wrong secret; throws when its address makes too many. */
  countRefused(request: FastifyRequest): Promise<void>
  events: Pick<Events, 'webhookRefused' | 'updatesIgnored' | 'faulted'>
  /** The largest body, in bytes. */
  bodyLimit: number
}

export const telegramWebhookPath = '/webhook/telegram'

const channel = 'telegram'
const secretHeader = 'x-telegram-bot-api-secret-token'
const done = Buffer.from('{}')
const refusalsPerSecond = 100
const longestRefusalMs = 10_000
/** Of bodies being read or stored at once, all together. */
const mostBytes = 32 * 1024 * 1024

/**
 * `POST /webhook/telegram`. A wrong secret is refused before the body is read, and the connection closed. 200 means
 * stored; 503 and 429 mean come again: Telegram repeats what was not answered with 200. At capacity the body is not looked
 * at, and the answer takes its time.
 */
export function registerTelegramWebhook(app: FastifyInstance, needs: TelegramWebhookNeeds): void {
  const { secretMatches, accept, events, bodyLimit } = needs
  const admit = createGate(needs)

  async function receive(request: FastifyRequest, reply: FastifyReply): Promise<Buffer> {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    const received = translate(body, needs)
    if (received.ignored > 0) events.updatesIgnored({ channel, count: received.ignored })
    if (received.incoming.length > 0) await store(received.incoming)
    reply.type('application/json')
    return done
  }

  async function store(incoming: Incoming[]): Promise<void> {
    try {
      await accept(incoming)
    } catch (cause) {
      if (cause instanceof ParleyError && isFull(cause)) {
        events.webhookRefused({ channel, reason: 'overloaded' })
        throw cause
      }
      events.webhookRefused({ channel, reason: 'unavailable' })
      events.faulted({ area: 'inbox', err: cause })
      if (cause instanceof ParleyError && cause.status === 503) throw cause
      throw new ParleyError('DATABASE_UNAVAILABLE', undefined, { status: 503, cause })
    }
  }

  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit }, (_request, body, parsed) =>
      parsed(null, body),
    )
    scope.addHook('onRequest', async (request, reply) => {
      const header = request.headers[secretHeader]
      if (secretMatches(typeof header === 'string' ? header : undefined)) return admit(request, reply)
      events.webhookRefused({ channel, reason: 'secret' })
      // Whatever of the body is still to come is not waited for.
      reply.header('connection', 'close')
      await needs.countRefused(request)
      throw new ParleyError('UNAUTHORIZED', 'The secret token is missing or wrong.', { status: 401 })
    })
    scope.addHook('onError', async (_request, _reply, error) => {
      if ('statusCode' in error && error.statusCode === 413)
        events.webhookRefused({ channel, reason: 'size' })
    })
    scope.post(telegramWebhookPath, { bodyLimit }, receive)
  })
}

/** Whoever waits for a refusal sends nothing meanwhile: so they cost little, however many would come. */
function createGate({ check, events, bodyLimit }: TelegramWebhookNeeds) {
  const takeRoom = createBodyRoom(mostBytes, bodyLimit)
  const refusals = createPace(refusalsPerSecond, longestRefusalMs)
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    try {
      check()
      takeRoom(request, reply)
    } catch (refusal) {
      events.webhookRefused({ channel, reason: 'overloaded' })
      await refusals()
      throw refusal
    }
  }
}

const isFull = ({ code }: ParleyError): boolean => code === 'OVERLOADED' || code === 'RATE_LIMITED'

function translate(
  body: Buffer,
  { receive, events }: TelegramWebhookNeeds,
): { incoming: Incoming[]; ignored: number } {
  const received = read(body, receive)
  if (!('malformed' in received)) return received
  events.webhookRefused({ channel, reason: 'malformed' })
  throw new ParleyError('REQUEST_INVALID', received.malformed, { status: 400 })
}

function read(
  body: Buffer,
  receive: TelegramWebhookNeeds['receive'],
): ReturnType<TelegramWebhookNeeds['receive']> {
  try {
    return receive(body)
  } catch (cause) {
    throw new ParleyError('OVERLOADED', 'The bot is starting; nothing was accepted.', { status: 503, cause })
  }
}
