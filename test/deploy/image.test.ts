import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  checkDockerfile,
  copiedFromFolder,
  createFilter,
  dockerfile,
  dockerignore,
  readDockerfile,
} from '../support/dockerfile.ts'
import { freePort } from '../support/servers/server.ts'

const root = join(import.meta.dirname, '../..')

test('the Dockerfile keeps the rules', () => {
  expect(checkDockerfile(dockerfile, dockerignore)).toEqual([])
})

const faults: [what: string, from: string | RegExp, to: string, finding: RegExp][] = [
  ['latest', /NODE_IMAGE=node:.*/, 'NODE_IMAGE=node:latest', /NODE_IMAGE is not/],
  ['another Node than the launcher', '24.21.0', '24.20.0', /the Node of the launcher/],
  ['a base of its own', 'FROM ${NODE_IMAGE}\n', 'FROM debian\n', /FROM debian/],
  ['root', 'USER node', 'USER root', /USER node/],
  ['a user that is taken back', 'ENTRYPOINT', 'USER root\nENTRYPOINT', /USER node/],
  ['a shell as process 1', 'ENTRYPOINT ["parley"]', 'ENTRYPOINT parley', /process 1/],
  ['a health check by curl', /CMD \["node", "-e".*/, 'CMD curl -f http://127.0.0.1:8000', /not by node/],
  ['a source that is gone', 'COPY bin bin', 'COPY bun bin', /COPY bun, which is not there/],
  ['a source that is kept out', 'COPY bin bin', 'COPY test bin', /\.dockerignore keeps out/],
  ['everything', 'COPY bin bin', 'COPY . .', /whatever lies about/],
  ['ADD', 'COPY bin bin', 'ADD bin bin', /ADD/],
  ['a secret as an argument', 'ARG COMMIT=', 'ARG NPM_TOKEN=', /keeps a secret/],
  ['scripts of packages', '--omit=dev --ignore-scripts', '--omit=dev', /--ignore-scripts/],
  ['npm install', 'npm ci --omit=dev', 'npm install --omit=dev', /npm ci/],
  ['a heredoc', 'COPY bin bin', 'COPY <<EOF bin', /not every builder/],
  ['no volume', 'VOLUME /data\n', '', /\/data or port/],
]
test.each(faults)('%s is found', (_, from, to, finding) => {
  const changed = dockerfile.replace(from, () => to)
  expect(changed).not.toBe(dockerfile)
  expect(checkDockerfile(changed, dockerignore).join('\n')).toMatch(finding)
})

describe('.dockerignore', () => {
  const isIn = createFilter(dockerignore)

  test.each([
    'bin/parley.mjs',
    'src/main.ts',
    'src/http/contract/socket.ts',
    'web/vite.config.ts',
    'examples/agency/faq.yaml',
    'deploy/kubernetes/base/service.yaml',
    'deploy/kubernetes/secret.example.env',
    'package-lock.json',
  ])('%s goes in', (path) => expect(isIn(path)).toBe(true))

  test.each([
    '.git/config',
    '.env',
    '.npmrc',
    '.node/lock',
    'deploy/compose/production/.env',
    'deploy/compose/production/secrets/SECRET_KEY',
    'deploy/kubernetes/tenants/acme/parley.yaml',
    'deploy/kubernetes/secret.env',
    'deploy/nginx/tls/privkey.pem',
    'data/parley.db',
    'examples/agency/data/parley.db',
    'examples/agency/.env',
    'examples/agency/data/secret.key',
    'node_modules/pg/package.json',
    'src/http/address.test.ts',
    'test/support/app.ts',
    'dist/build.json',
    'parley.yaml',
    'faq.yaml',
    'notes.md',
  ])('%s stays out', (path) => expect(isIn(path)).toBe(false))
})

describe('what the image has is enough', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'parley-image-'))
    const isIn = createFilter(dockerignore)
    const filter = (path: string): boolean => isIn(relative(root, path))
    for (const path of copiedFromFolder(readDockerfile(dockerfile), 'last'))
      cpSync(join(root, path), join(folder, path), { recursive: true, filter })
    cpSync(join(root, 'dist/web'), join(folder, 'dist/web'), { recursive: true })
    writeFileSync(
      join(folder, 'dist/build.json'),
      '{"commit":"0a1b2c3d4e5f","builtAt":"2026-11-26T00:00:00Z"}',
    )
    installWithoutDevelopment()
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  /** As `npm ci --omit=dev` does it: those packages of the lock that are not for development. */
  function installWithoutDevelopment(): void {
    const lock = JSON.parse(readFileSync(join(root, 'node_modules/.package-lock.json'), 'utf8'))
    for (const [path, { dev }] of Object.entries<{ dev?: boolean }>(lock.packages)) {
      if (dev) Reflect.deleteProperty(lock.packages, path)
      else if (path.lastIndexOf('node_modules/') === 0) link(path, lock.packages)
    }
    writeFileSync(join(folder, 'node_modules/.package-lock.json'), JSON.stringify(lock))
  }

  /** A package that has others in it only for development is not worth a copy of its own. */
  function link(path: string, packages: Record<string, { dev?: boolean }>): void {
    const inner = Object.entries(packages).filter(([each]) => each.startsWith(`${path}/node_modules/`))
    expect(inner.filter(([, { dev }]) => dev)).toEqual([])
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    symlinkSync(join(root, path), join(folder, path))
  }

  const parley = (...args: string[]) => {
    // Packages are looked for where they are linked, not where they lie.
    const flags = ['--preserve-symlinks', join(folder, 'bin/parley.mjs')]
    const env = {
      PATH: process.env.PATH,
      NODE_OPTIONS: '--preserve-symlinks',
      DATA_DIR: join(folder, 'data'),
    }
    return { args: [...flags, ...args], options: { cwd: tmpdir(), env, encoding: 'utf8' as const } }
  }

  test('the pages that the program names', () => {
    const sources = globSync('src/**/*.ts', { cwd: root }).map((path) =>
      readFileSync(join(root, path), 'utf8'),
    )
    const pages = sources.flatMap((text) => text.match(/(?<![\w/.])docs\/[\w/-]+\.md/g) ?? [])
    const runbooks = readdirSync(join(root, 'docs/runbooks')).map((name) => `docs/runbooks/${name}`)
    const named = [...new Set([...pages, ...runbooks])]
    expect(named).toContain('docs/reference/configuration.md')
    expect(named.filter((page) => !existsSync(join(folder, page)))).toEqual([])
  })

  test('commands: version, a question, a tenant', () => {
    const run = (...words: string[]) => {
      const { args, options } = parley(...words)
      const { status, stdout, stderr } = spawnSync(process.execPath, args, options)
      return { status, output: `${stdout}${stderr}` }
    }
    expect(run('version').output).not.toMatch(/Installing|Building/)
    expect(run('version')).toEqual({ status: 0, output: expect.stringMatching(/0a1b2c3d4e5f[^]*2026-11-26/) })
    expect(run('call', 'What do you offer?')).toEqual({
      status: 0,
      output: expect.stringMatching(/services/),
    })
    const tenant = [
      'tenant',
      'new',
      'acme',
      '--host',
      'a.example.com',
      '--image',
      'ghcr.io/a/b',
      '--folder',
      folder,
    ]
    expect(run(...tenant)).toEqual({ status: 0, output: expect.any(String) })
    expect(readFileSync(join(folder, 'acme/kustomization.yaml'), 'utf8')).toContain('parley-')
  })

  test('the server: ready, with its pages, and to its end', async () => {
    const port = await freePort()
    const { args, options } = parley('start')
    const env = { ...options.env, PORT: String(port), LOG_LEVEL: 'warn' }
    const child = spawn(process.execPath, args, { ...options, env, stdio: 'ignore' })
    const address = `http://127.0.0.1:${port}`
    await vi.waitFor(async () => expect((await fetch(`${address}/readyz`)).status).toBe(200), {
      timeout: 20_000,
    })
    const [page, version] = [await fetch(`${address}/chat`), await fetch(`${address}/api/version`)]
    expect([page.status, await version.json()]).toEqual([
      200,
      expect.objectContaining({ commit: '0a1b2c3d4e5f' }),
    ])
    child.kill('SIGTERM')
    expect(await once(child, 'close')).toEqual([0, null])
  })
})
