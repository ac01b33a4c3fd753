import type { ChildProcess } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ended, spawnTethered } from '../crash/servers/tethered.ts'
import { findProgram } from '../support/run/next-release.ts'
import { setBackends } from '../support/servers/nginx.ts'
import { freePort } from '../support/servers/server.ts'

/** A real nginx in front of the processes that serve people. */
export interface Front {
  readonly port: number
  /** From now on these are asked, for the first time too; resolves when new connections meet them. */
  turnTo(ports: readonly number[]): Promise<void>
  /** What it answered, request by request. */
  answers(): Answer[]
  close(): Promise<void>
}

/** A line of its log. */
export interface Answer {
  path: string
  status: number
  /** One for each process that was asked, in order. */
  upstream_status: string
  /** For each of them: seconds, or `-` where it refused the connection. */
  connected: string
}

const shipped = join(import.meta.dirname, '../../deploy/nginx/parley')

export async function startFront(folder: string): Promise<Front> {
  const port = await freePort()
  const log = join(folder, 'access.log')
  mkdirSync(join(folder, 'temporary'), { recursive: true })
  cpSync(shipped, join(folder, 'parley'), { recursive: true })
  let generation = 0
  const configure = (ports: readonly number[]): void => {
    generation += 1
    writeFileSync(join(folder, 'nginx.conf'), configuration({ folder, port, generation }))
    setBackends(folder, ports)
  }
  let server: ChildProcess | undefined
  const start = (): ChildProcess =>
    spawnTethered(
      [findProgram('nginx', 'NGINX_PATH') ?? 'nginx', '-p', folder, '-c', join(folder, 'nginx.conf')],
      { stdio: 'ignore', farewell: 'TERM' },
    )
  const taken = async (): Promise<void> => {
    for (const until = Date.now() + 10_000; Date.now() < until; await sleep(10)) {
      if (server?.exitCode !== null) break
      if ((await generationAt(port)) === String(generation)) return
    }
    throw new Error(`nginx does not run: ${readFileSync(join(folder, 'error.log'), 'utf8').slice(-2000)}`)
  }
  return {
    port,
    async turnTo(ports) {
      configure(ports)
      if (server) server.kill('SIGHUP')
      else server = start()
      await taken()
    },
    answers: () =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    async close() {
      server?.kill('SIGTERM')
      if (server) await ended(server)
    },
  }
}

/** What is shipped, on a port of loopback without TLS, with a place that tells whether a change has been taken. */
function configuration(at: { folder: string; port: number; generation: number }): string {
  return `${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 2;
pid ${at.folder}/nginx.pid;
error_log ${at.folder}/error.log warn;
events { worker_connections 4096; }
http {
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${at.folder}/temporary/${name};`).join(' ')}
  log_format drill escape=json '{"path":"$uri","status":$status,"upstream_status":"$upstream_status","connected":"$upstream_connect_time"}';
  access_log ${at.folder}/access.log drill;
  include parley/limits.conf;
  include parley/upstream.conf;
  server {
    listen 127.0.0.1:${at.port};
    location = /drill { access_log off; return 200 "${at.generation}"; }
    include parley/locations.conf;
  }
}
`
}

/** Over a connection of its own, so that a worker on its way out does not answer. */
function generationAt(port: number): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  get({ port, path: '/drill', host: '127.0.0.1', agent: false }, (response) => {
    let text = ''
    response.on('data', (bytes) => (text += String(bytes)))
    response.on('end', () => resolve(text))
  }).on('error', () => resolve(undefined))
  return promise
}
