import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'
import type { Behaviour, FakeUsage, Fault } from './behaviour.ts'
import { goodTokens, goodUsage } from './behaviour.ts'
import type { FakeCall, FakeEvent, FakeFormat, Refusal } from './format.ts'
import { renderEvents, withoutEnd } from './wire.ts'

export interface Scene {
  format: FakeFormat
  model: string
  call: FakeCall
  behaviour: Behaviour
  response: ServerResponse
}

/** Answers one accepted request as its behaviour says. */
export async function play(scene: Scene): Promise<void> {
  const { behaviour, response, format } = scene
  const { fault } = behaviour
  if (fault?.kind === 'hang') return
  if (fault?.kind === 'status') {
    const refusal = format.refusal(
      fault.status,
      fault.message ?? `the fake answers ${fault.status}`,
      fault.code,
    )
    return refuse(response, refusal, fault.headers)
  }
  if (fault?.kind === 'redirect') return void response.writeHead(307, { location: fault.location }).end()
  response.writeHead(200, {
    'content-type': fault?.kind === 'type' ? fault.contentType : 'text/event-stream',
  })
  if (fault?.kind === 'nonsense')
    return void response.end(Buffer.concat([Buffer.from('data: {'), randomBytes(2000), Buffer.from('\n\n')]))
  if (fault?.kind === 'strange')
    return void response.end('data: {"unexpected":[1,2,{"shape":true}]}\n\ndata: [1]\n\ndata: null\n\n')
  if (fault?.kind === 'line') return endlessLine(response, fault.bytes)
  await streamAnswer(scene, fault)
}

export function refuse(
  response: ServerResponse,
  refusal: Refusal,
  headers: Record<string, string> = {},
): void {
  response.writeHead(refusal.status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(refusal.body))
}

async function streamAnswer(scene: Scene, fault: Fault | undefined): Promise<void> {
  const { behaviour, format, model, call } = scene
  // Otherwise a cut at once would take the headers along.
  if (fault?.kind === 'cut') scene.response.flushHeaders()
  const usage = usageOf(behaviour)
  const tokens = behaviour.tokens ?? goodTokens
  const opening = format.opening(model, usage)
  if (fault?.kind === 'tool') {
    await send(scene, [...opening, ...format.toolCall(usage, model)], true)
    return void scene.response.end()
  }
  const spoken = (fault && 'after' in fault ? tokens.slice(0, fault.after) : tokens).map((text) =>
    format.token(text, model),
  )
  const closing =
    fault && 'after' in fault
      ? faultEvents(format, fault)
      : format.closing(behaviour.finish ?? 'stop', usage, model, call)
  if (behaviour.firstTokenMs || behaviour.tokenMs) await stepwise(scene, opening, spoken, closing)
  else await send(scene, [...opening, ...spoken, ...closing], true)
  finishAs(scene.response, fault)
}

const faultEvents = (format: FakeFormat, fault: Fault): FakeEvent[] =>
  fault.kind === 'event' ? [format.errorEvent(fault.status)] : []

const usageOf = (behaviour: Behaviour): FakeUsage | undefined =>
  behaviour.usage === 'none' ? undefined : (behaviour.usage ?? goodUsage)

function finishAs(response: ServerResponse, fault: Fault | undefined): void {
  if (fault?.kind === 'stall') return
  if (fault?.kind === 'cut') response.socket?.destroySoon()
  else response.end()
}

async function stepwise(
  scene: Scene,
  opening: FakeEvent[],
  tokens: FakeEvent[],
  closing: FakeEvent[],
): Promise<void> {
  const { firstTokenMs = 0, tokenMs = 0 } = scene.behaviour
  await send(scene, opening)
  for (const [index, token] of tokens.entries()) {
    await wait(index === 0 ? firstTokenMs : tokenMs)
    if (scene.response.destroyed) return
    await send(scene, [token])
  }
  await send(scene, closing, true)
}

async function send(scene: Scene, events: FakeEvent[], last = false): Promise<void> {
  const { behaviour, response } = scene
  const rendered = renderEvents(events, behaviour.wire)
  const bytes = last && behaviour.wire?.unfinished ? withoutEnd(rendered) : rendered
  const size = behaviour.wire?.chunk ?? bytes.length
  if (size >= bytes.length) return write(response, bytes)
  for (let start = 0; start < bytes.length; start += size) {
    await write(response, bytes.subarray(start, start + size))
    await nextTurn()
  }
}

async function write(response: ServerResponse, bytes: Buffer): Promise<void> {
  if (bytes.length === 0 || response.destroyed || response.write(bytes)) return
  await new Promise<void>((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done)
      resolve()
    }
    response.on('drain', done).on('close', done)
  })
}

async function endlessLine(response: ServerResponse, bytes: number): Promise<void> {
  const block = Buffer.alloc(64 * 1024, 'x')
  await write(response, Buffer.from('data: '))
  for (let sent = 0; sent < bytes && !response.destroyed; sent += block.length) await write(response, block)
  response.end()
}
