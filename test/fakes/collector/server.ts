import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type CollectedSpan, readExport } from './otlp.ts'

/** A collector of traces that speaks OTLP over HTTP, and takes nothing that is not as the specification says. */
export interface FakeCollector {
  /** As OTEL_EXPORTER_OTLP_ENDPOINT has it. */
  endpoint: string
  /** Everything it took, in the order it came. */
  spans: CollectedSpan[]
  /** Headers of every request, refused ones too. */
  asked: IncomingMessage['headers'][]
  /** What was wrong with what it was sent: nothing, in every test. */
  complaints: string[]
  /** What it does with a request. */
  does: Behaviour
  /** The spans of a turn, the first to begin first. */
  traceOf(turnId: string): CollectedSpan[]
  close(): Promise<void>
}

export type Behaviour =
  | 'take'
  /** Never answers. */
  | 'hang'
  /** Ends the connection in the middle of its answer. */
  | 'cut'
  | { afterMs: number }
  | { status: number; retryAfter?: string }
  /** Takes all but so many. */
  | { rejects: number }

export async function createFakeCollector(): Promise<FakeCollector> {
  const server = createServer((request, response) => {
    void answer(fake, request, response).catch((error: unknown) => {
      fake.complaints.push(String(error))
      response.writeHead(400).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The fake has no port.')
  const fake: FakeCollector = {
    endpoint: `http://127.0.0.1:${address.port}`,
    spans: [],
    asked: [],
    complaints: [],
    does: 'take',
    traceOf: (turnId) =>
      fake.spans
        .filter(({ traceId }) => traceId === turnId.replaceAll('-', ''))
        .toSorted((one, other) => one.start - other.start),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return fake
}

async function answer(
  fake: FakeCollector,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { does } = fake
  fake.asked.push(request.headers)
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  if (request.method !== 'POST') throw new Error(`asked with ${request.method}`)
  if (request.url !== '/v1/traces') throw new Error(`asked for ${request.url}`)
  if (request.headers['content-type'] !== 'application/json') throw new Error('sent as something else')
  const spans = readExport(JSON.parse(Buffer.concat(chunks).toString()))
  if (spans.length === 0) throw new Error('an export of nothing')
  if (does === 'hang') return
  if (typeof does === 'object' && 'status' in does) {
    const headers = does.retryAfter === undefined ? {} : { 'retry-after': does.retryAfter }
    return void response.writeHead(does.status, headers).end()
  }
  if (does === 'cut') {
    response.writeHead(200, { 'content-length': 100 })
    return void response.write('{', () => response.destroy())
  }
  if (typeof does === 'object' && 'afterMs' in does)
    await new Promise((resolve) => setTimeout(resolve, does.afterMs))
  keep(fake, spans, typeof does === 'object' && 'rejects' in does ? does.rejects : 0, response)
}

function keep(fake: FakeCollector, spans: CollectedSpan[], rejected: number, response: ServerResponse): void {
  const known = new Set(fake.spans.map(({ traceId, spanId }) => `${traceId} ${spanId}`))
  const taken = spans.slice(rejected)
  for (const { traceId, spanId } of taken)
    if (known.has(`${traceId} ${spanId}`)) throw new Error(`the span ${spanId} comes twice`)
  fake.spans.push(...taken)
  // 64-bit numbers are text here as well.
  const partialSuccess = { rejectedSpans: String(rejected), errorMessage: 'as the fake was told' }
  const body = rejected === 0 ? {} : { partialSuccess }
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
