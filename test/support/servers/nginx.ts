import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { findProgram } from '../run/next-release.ts'
import { createFolder, freePort, removeOrphans, waitForEnd, type TestServer } from './server.ts'

const root = join(import.meta.dirname, '../../..')
const shipped = join(root, 'deploy/nginx')

export interface TestNginx extends TestServer {
  /** Without TLS. */
  plainUrl: string
  /** The certificate, which vouches for itself. */
  ca: string
  /** The same in a file. */
  caFile: string
  folder: string
  /** Reads the configuration anew, as `nginx -s reload`; workers of before go on with what they have. */
  reload(): void
  /** Of its workers that are there now. */
  workers(): number[]
}

/**
 * The configuration as it is shipped, but for ports and folders, before processes at these ports. `perSecond`: the requests
 * of one address that are let through, where tests send those of many.
 */
export async function startNginx(backends: readonly number[], perSecond = 50): Promise<TestNginx> {
  await removeOrphans('nginx', stopNginx)
  const folder = createFolder('nginx')
  const [port, plainPort] = [await freePort(), await freePort()]
  cpSync(shipped, folder, { recursive: true })
  // Its workers are another user.
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, 'log'))
  mkdirSync(join(folder, 'acme/.well-known/acme-challenge'), { recursive: true })
  writeFileSync(join(folder, 'mime.types'), 'types { text/html html; }\n')
  change(join(folder, 'nginx.conf'), [
    [/listen (\[::\]:)?80 /g, (_, v6 = '127.0.0.1:') => `listen ${v6.replace('::', '::1')}${plainPort} `],
    [/listen (\[::\]:)?443 /g, (_, v6 = '127.0.0.1:') => `listen ${v6.replace('::', '::1')}${port} `],
    [/\/var\/log\/nginx\//g, () => join(folder, 'log/')],
    [/\/var\/www\/acme/g, () => join(folder, 'acme')],
    [/^http \{$/m, () => `pid ${folder}/nginx.pid;\nhttp {\n${temporary(folder)}`],
  ])
  change(join(folder, 'parley/limits.conf'), [[/rate=50r/, () => `rate=${perSecond}r`]])
  setBackends(folder, backends)
  const ca = certify(join(folder, 'tls'))
  const program = findProgram('nginx', 'NGINX_PATH') ?? 'nginx'
  const args = ['-c', join(folder, 'nginx.conf'), '-e', join(folder, 'log/error.log')]
  const tested = spawnSync(program, ['-t', ...args], { encoding: 'utf8' })
  if (tested.status !== 0) throw new Error(tested.stderr)
  const child = spawn(program, [...args, '-g', 'daemon off;'], { stdio: 'ignore' })
  await untilOpen(port)
  return {
    url: `https://localhost:${port}`,
    plainUrl: `http://localhost:${plainPort}`,
    ca,
    caFile: join(folder, 'tls/fullchain.pem'),
    folder,
    reload: () => void child.kill('SIGHUP'),
    workers: () => childrenOf(child.pid ?? 0),
    stop: () => stopNginx(folder),
  }
}

type Change = [from: RegExp, to: (found: string, ...groups: string[]) => string]

function change(path: string, changes: readonly Change[]): void {
  const text = changes.reduce(
    (before, [from, to]) => {
      const after = before.replace(from, to)
      if (before.search(from) < 0) throw new Error(`${path} has no ${from}`)
      return after
    },
    readFileSync(path, 'utf8'),
  )
  writeFileSync(path, text)
}

/** As an operator writes them: the first is shipped, others are lines in a file of theirs. */
export function setBackends(folder: string, ports: readonly number[]): void {
  const path = join(folder, 'parley/upstream.conf')
  const shippedLine = /^ +server 127\.0\.0\.1:\d+(.*)$/m
  const [, options = ''] = shippedLine.exec(readFileSync(path, 'utf8')) ?? []
  const [first = '', ...others] = ports.map((port) => `  server 127.0.0.1:${port}${options}\n`)
  change(path, [[shippedLine, () => first.trimEnd()]])
  setLocal(folder, 'upstream', others.join(''))
}

/** What an operator wants otherwise, in a file that no update touches. */
export function setLocal(folder: string, name: 'upstream' | 'server' | 'uncounted', text: string): void {
  mkdirSync(join(folder, 'parley/local'), { recursive: true })
  writeFileSync(join(folder, `parley/local/${name}.conf`), text)
}

const temporary = (folder: string): string =>
  ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join('\n')

/** A new certificate in a folder, made as the guide does for the first start; returns it. */
export function certify(folder: string): string {
  mkdirSync(folder)
  const [key, certificate] = [join(folder, 'privkey.pem'), join(folder, 'fullchain.pem')]
  const { status, stderr } = spawnSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '7']
      .concat(['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'])
      .concat(['-keyout', key, '-out', certificate]),
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(stderr)
  return readFileSync(certificate, 'utf8')
}

async function untilOpen(port: number): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end; ) {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const socket = connect({ host: '127.0.0.1', port }, () => resolve(true))
    socket.once('error', () => setTimeout(() => resolve(false), 20))
    const isOpen = await promise
    socket.destroy()
    if (isOpen) return
  }
  throw new Error('nginx did not start in 10 s.')
}

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)

async function stopNginx(folder: string): Promise<void> {
  const pidFile = join(folder, 'nginx.pid')
  const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0
  if (pid > 0) {
    process.kill(pid, 'SIGTERM')
    await waitForEnd(pid, 5000)
  }
  rmSync(folder, { recursive: true, force: true })
}
