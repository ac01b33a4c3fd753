import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { Agent, fetch, type RequestInit, type Response } from 'undici'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { securityHeaders } from '../../src/http/security-headers.ts'
import { serverSchema } from '../../src/config/schema/server.ts'
import { openFakePage } from '../fakes/web/page.ts'
import { type Cluster, createCluster } from '../support/cluster.ts'
import { certify, type TestNginx, setBackends, startNginx } from '../support/servers/nginx.ts'
import { runProgram } from '../support/run/program.ts'

/** How long people talk through it, in seconds; a minute shows that nothing is cut after that. */
const talkSeconds = Number(process.env.NGINX_TEST_SECONDS ?? 6)
const root = join(import.meta.dirname, '../..')

let nginx: TestNginx
let agent: Agent
const use = async (backends: number[], perSecond?: number): Promise<void> => {
  nginx = await startNginx(backends, perSecond)
  // Its HTTP/2 takes the end of a connection for the end of an answer.
  agent = new Agent({ allowH2: false, connect: { ca: nginx.ca } })
}
const leave = async (): Promise<void> => {
  await agent?.close()
  await nginx?.stop()
}
const get = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${nginx.url}${path}`, { dispatcher: agent, redirect: 'manual', ...init })

describe('before a server that tells what it got', () => {
  let server: Server
  let port = 0
  beforeAll(async () => {
    server = createServer((request, response) => {
      const status = Number(/^\/status\/(\d+)/.exec(request.url ?? '')?.[1] ?? 200)
      response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '7' })
      request.resume().on('end', () => response.end(JSON.stringify(request.headers)))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    port = (server.address() as AddressInfo).port
    await use([port])
  })
  afterAll(async () => {
    await leave()
    server.close()
    server.closeAllConnections()
  })

  test('the visitor, the scheme and the host are told, whatever the visitor claims', async () => {
    const headers = {
      'x-forwarded-for': '192.0.2.1',
      'x-forwarded-proto': 'http',
      forwarded: 'for=192.0.2.1',
    }
    const told = (await (await get('/', { headers })).json()) as IncomingHttpHeaders
    expect(told).toMatchObject({
      host: new URL(nginx.url).host,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'https',
    })
    for (const name of ['forwarded', 'x-forwarded-host', 'connection', 'upgrade'])
      expect([name, told[name] ?? '']).toEqual([name, expect.stringMatching(/^(keep-alive)?$/)])
  })

  test.each([429, 503])('an answer %i of Parley comes through with its Retry-After', async (status) => {
    const response = await get(`/status/${status}`)
    expect([response.status, response.headers.get('retry-after')]).toEqual([status, '7'])
    expect(await response.json()).toHaveProperty('host')
  })

  test('HTTP/2 and TLS 1.3 are spoken, TLS 1.1 is not', async () => {
    const session = connectHttp2(nginx.url, { ca: nginx.ca })
    const stream = session.request({ ':path': '/' })
    const status = await new Promise((resolve) => stream.once('response', (got) => resolve(got[':status'])))
    expect([status, session.alpnProtocol]).toEqual([200, 'h2'])
    session.destroy()
    const versions = await Promise.all(['TLSv1.1', 'TLSv1.2', 'TLSv1.3'].map((each) => handshake(each)))
    expect(versions).toEqual(['refused', 'TLSv1.2', 'TLSv1.3'])
  })

  function handshake(version: string, ca = nginx.ca): Promise<string | null> {
    const { port: to } = new URL(nginx.url)
    const options = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT:@SECLEVEL=0' } as never
    return new Promise((resolve) => {
      const socket = connectTls({
        port: Number(to),
        ca,
        servername: 'localhost',
        ...Object(options),
      })
      socket.once('secureConnect', () => {
        resolve(socket.getProtocol())
        socket.destroy()
      })
      socket.once('error', () => resolve('refused'))
    })
  }

  test('without TLS there is nothing but the way to it, and the proof for a certificate', async () => {
    const moved = await fetch(`${nginx.plainUrl}/chat?a=1`, { redirect: 'manual' })
    expect([moved.status, moved.headers.get('location')]).toEqual([308, 'https://localhost/chat?a=1'])
    writeFileSync(join(nginx.folder, 'acme/.well-known/acme-challenge/token'), 'proof')
    const proof = await fetch(`${nginx.plainUrl}/.well-known/acme-challenge/token`)
    expect(await proof.text()).toBe('proof')
  })

  test('a renewed certificate is served, by the hook of certbot', async () => {
    const lineage = join(nginx.folder, 'live')
    const before = nginx.ca
    const after = certify(lineage)
    const hook = join(root, 'deploy/nginx/renewed.sh')
    const pid = readFileSync(join(nginx.folder, 'nginx.pid'), 'utf8').trim()
    const env = { RENEWED_LINEAGE: lineage }
    const { code, output } = await runProgram(
      ['sh', hook, join(nginx.folder, 'tls'), 'kill', '-HUP', pid],
      env,
    )
    expect([code, output]).toEqual([0, ''])
    expect(statSync(join(nginx.folder, 'tls/privkey.pem')).mode & 0o777).toBe(0o600)
    await vi.waitFor(() => handshake('TLSv1.3', after).then((got) => expect(got).toBe('TLSv1.3')), {
      timeout: 5000,
    })
    // Workers of before take a connection or two more.
    const shake = (): Promise<unknown> => handshake('TLSv1.3', before)
    await vi.waitFor(
      async () =>
        expect(new Set(await Promise.all(Array.from({ length: 10 }, shake)))).toEqual(new Set(['refused'])),
      { timeout: 5000 },
    )
    await agent.close()
    agent = new Agent({ allowH2: false, connect: { ca: after } })
  })

  test('what is too large, and what is not for the public', async () => {
    const largest = serverSchema.parse({}).body_limit
    const send = (bytes: number) => get('/', { method: 'POST', body: 'x'.repeat(bytes) })
    expect((await send(largest + 1)).status).toBe(200)
    expect((await send(3 * 1024 * 1024)).status).toBe(413)
    expect((await get('/metrics')).status).toBe(404)
  })

  test('one address that opens sockets without end is told to wait, others are not', async () => {
    const answers = await Promise.all(Array.from({ length: 150 }, () => get('/ws')))
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThan(10)
    expect(answers.length - refused.length).toBeGreaterThanOrEqual(50)
    expect(refused[0]?.headers.get('retry-after')).toBe('2')
    expect(await refused[0]?.json()).toMatchObject({ error: { code: 'RATE_LIMITED' } })
    expect((await get('/')).status).toBe(200)
  })

  test('nobody behind it: a page that comes back by itself, in both languages', async () => {
    setBackends(nginx.folder, [9])
    nginx.reload()
    await vi.waitFor(async () => expect((await get('/')).status).toBe(503), { timeout: 5000 })
    const response = await get('/chat')
    expect(response.headers.get('retry-after')).toBe('5')
    expect(await response.text()).toMatch(/refresh[^]*Back in a moment[^]*Сервер обновляется/)
  })
})

describe('before three processes of Parley', () => {
  let cluster: Cluster
  let processes: Awaited<ReturnType<Cluster['spawn']>>[] = []
  beforeAll(async () => {
    cluster = await createCluster()
    const roles = ['api', 'api', 'api', 'worker'] as const
    processes = await Promise.all(roles.map((role) => cluster.spawn(role, { TRUST_PROXY: 'true' })))
    const ports = processes.slice(0, 3).map(({ address }) => Number(new URL(address).port))
    await use(ports, 10_000)
  })
  afterAll(async () => {
    await leave()
    await cluster?.close()
  })

  test('a page, its cookie for TLS alone, and its security headers once', async () => {
    const page = await get('/chat')
    expect(page.status).toBe(200)
    expect(page.headers.getSetCookie()[0]).toMatch(/^__Host-parley_visitor=.*Secure/)
    const given = Object.keys(securityHeaders).map((name) => [name, page.headers.get(name)])
    expect(Object.fromEntries(given)).toEqual(securityHeaders)
    expect(page.headers.get('server')).toBe('nginx')
  })

  test('deploy/verify.ts has its conversation over TLS', async () => {
    const command = [process.execPath, join(root, 'deploy/verify.ts'), nginx.url, '--within', '10']
    const { code, output } = await runProgram(command, { NODE_EXTRA_CA_CERTS: nginx.caFile })
    expect([code, output]).toEqual([0, expect.stringMatching(/^ok: /)])
  })

  test('a chat goes on through reloads, over one socket', {
    timeout: (talkSeconds + 30) * 1000,
  }, async () => {
    const answers: string[] = []
    const { url: origin, ca } = nginx
    const page = openFakePage({ origin, ca, onReply: (text) => answers.push(text) })
    const before = nginx.workers()
    let asked = 0
    for (const end = Date.now() + talkSeconds * 1000; Date.now() < end; asked += 1) {
      page.write('/status')
      await vi.waitFor(() => expect(answers.length).toBe(asked + 1), { timeout: 10_000 })
      if (asked % 10 === 1) nginx.reload()
      // One address may ask sixty times a minute.
      await new Promise((resolve) => setTimeout(resolve, 1100))
    }
    // The worker of before still holds the socket; others of a newer configuration are there too.
    expect(nginx.workers().some((pid) => !before.includes(pid))).toBe(true)
    expect([page.broken(), page.connections(), page.unsent()]).toEqual([[], 1, 0])
    expect(asked).toBeGreaterThan(talkSeconds / 2)
    page.close()
  })

  test('one is stopped and one killed under load: nobody notices, and pages go on at the third', async () => {
    const { url: origin, ca } = nginx
    const answers: string[] = []
    const pages = [1, 2, 3, 4].map(() => openFakePage({ origin, ca, onReply: (text) => answers.push(text) }))
    await vi.waitFor(() => expect(pages.every((page) => page.connections() > 0)).toBe(true))
    const load = startLoad('/livez')
    for (const [process, signal] of [
      [processes[0], 'SIGTERM'],
      [processes[1], 'SIGKILL'],
    ] as const) {
      await new Promise((resolve) => setTimeout(resolve, 500))
      process?.signal(signal)
      expect(await process?.exited).toBe(signal === 'SIGTERM' ? 0 : signal)
      for (const page of pages) page.write('/status')
    }
    await vi.waitFor(() => expect(answers.length).toBe(pages.length * 2), { timeout: 15_000 })
    const statuses = await load.stop()
    expect([...statuses.keys()]).toEqual([200])
    expect(statuses.get(200)).toBeGreaterThan(100)
    expect(pages.flatMap((page) => page.broken())).toEqual([])
    for (const page of pages) page.close()
    const log = readFileSync(join(nginx.folder, 'log/access.log'), 'utf8').trim().split('\n')
    const line = log.find((each) => each.includes('/livez')) ?? ''
    expect(JSON.parse(line)).toMatchObject({ path: '/livez', status: 200, address: '127.0.0.1' })
  })

  /** Eight who ask one after the other; told is how often each status came. */
  function startLoad(path: string): { stop(): Promise<Map<number, number>> } {
    const statuses = new Map<number, number>()
    let isOver = false
    const askers = Array.from({ length: 8 }, async () => {
      while (!isOver) {
        const response = await get(path)
        await response.arrayBuffer()
        statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
      }
    })
    return {
      async stop() {
        isOver = true
        await Promise.all(askers)
        return statuses
      },
    }
  }
})
