import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readVersion } from '../../src/ops/version.ts'
import { checkInstallation } from '../support/kubernetes/check.ts'
import { type Manifest, readManifests } from '../support/kubernetes/manifest.ts'
import { checkSchemas } from '../support/kubernetes/schemas.ts'
import { render } from '../support/kustomize.ts'

const root = join(import.meta.dirname, '../..')

let cwd = ''
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'parley-tenant-'))
})
afterEach(() => rmSync(cwd, { recursive: true }))

const tenant = (...args: string[]) =>
  spawnSync(process.execPath, [join(root, 'src/main.ts'), 'tenant', 'new', ...args], {
    cwd,
    encoding: 'utf8',
  })

async function rendered(folder: string): Promise<Manifest[]> {
  const manifests = readManifests(await render(folder))
  expect(await checkInstallation(manifests)).toEqual([])
  expect([...(await checkSchemas(manifests))]).toEqual([])
  return manifests
}

describe('parley tenant new', () => {
  test.each(['single', 'scaled'])(
    '%s, away from the checkout: manifests of this version beside it',
    async (layout) => {
      const { status, stdout, stderr } = tenant(
        'acme',
        '--host',
        'chat.acme.com',
        '--bot',
        'Ann',
        '--layout',
        layout,
      )
      expect([status, stderr]).toEqual([0, ''])
      for (const next of [
        'secret.env',
        'kubectl create secret generic parley -n parley-acme',
        'kubectl apply -k acme',
      ])
        expect(stdout).toContain(next)
      const manifests = await rendered(join(cwd, 'acme'))
      const text = JSON.stringify(manifests)
      expect(text).toContain('"host":"chat.acme.com"')
      expect(text).toContain('name: Ann')
      expect(text).toContain(`:${readVersion().version}-${readVersion().commit.slice(0, 12)}"`)
      expect(new Set(manifests.map(({ metadata }) => metadata.namespace ?? metadata.name))).toEqual(
        new Set(['parley-acme']),
      )
      expect(text.includes('prefix: parley-acme')).toBe(layout === 'scaled')
    },
  )

  test('a second one shares the manifests; one that is there is left alone', async () => {
    tenant('acme', '--host', 'chat.acme.com')
    expect(tenant('other', '--host', 'chat.other.com').stdout).not.toContain(
      `parley-${readVersion().version}/`,
    )
    await rendered(join(cwd, 'other'))
    const before = readFileSync(join(cwd, 'acme/parley.yaml'), 'utf8')
    const again = tenant('acme', '--host', 'other.acme.com')
    expect([again.status, again.stderr]).toEqual([
      1,
      expect.stringContaining('There is a tenant already: acme'),
    ])
    expect(readFileSync(join(cwd, 'acme/parley.yaml'), 'utf8')).toBe(before)
  })

  test('in the checkout it refers to the manifests that are there', async () => {
    const folder = join('deploy/kubernetes/tenants', `trial-${process.pid}`)
    try {
      const { status } = spawnSync(
        process.execPath,
        ['src/main.ts', 'tenant', 'new', `trial-${process.pid}`, '--host', 'trial.acme.com'],
        { cwd: root },
      )
      expect(status).toBe(0)
      expect(readFileSync(join(root, folder, 'kustomization.yaml'), 'utf8')).toContain(
        '- ../../overlays/single\n',
      )
      await rendered(join(root, folder))
    } finally {
      rmSync(join(root, folder), { recursive: true })
      if (readdirSync(join(root, 'deploy/kubernetes/tenants')).length === 0)
        rmSync(join(root, 'deploy/kubernetes/tenants'), { recursive: true })
    }
  })

  test.each(['Acme', '-acme', 'acme-', 'a_b', 'a.b', '../acme', '', 'a'.repeat(57)])(
    'the name "%s" is refused',
    (name) => {
      const { status, stderr } = tenant('--host', 'chat.acme.com', '--', name)
      expect([status, stderr]).toEqual([2, expect.stringContaining('1 to 56 of a-z, 0-9 and -')])
      expect(readdirSync(cwd)).toEqual([])
    },
  )

  test.each(['chat', 'Chat.acme.com', 'https://chat.acme.com', 'chat..com', 'chat.acme.com/'])(
    'the host "%s" is refused',
    (host) => {
      expect(tenant('acme', '--host', host)).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('name of a host'),
      })
    },
  )

  test('the longest name is one Kubernetes takes; an image with a tag is refused', async () => {
    const longest = 'a'.repeat(56)
    expect(
      tenant(longest, '--host', 'chat.acme.com', '--image', 'registry.acme.com:5000/bots/parley').status,
    ).toBe(0)
    await rendered(join(cwd, longest))
    expect(tenant('acme', '--host', 'chat.acme.com', '--image', 'parley:latest').status).toBe(2)
  })

  test('names that begin alike do not share a Redis', () => {
    const names = ['one', 'two'].map((end) => `${'a'.repeat(40)}-${end}`)
    const prefixes = names.map((name) => {
      expect(tenant(name, '--host', 'chat.acme.com', '--layout', 'scaled').status).toBe(0)
      return parse(readFileSync(join(cwd, name, 'parley.yaml'), 'utf8')).redis.prefix
    })
    expect(new Set(prefixes).size).toBe(2)
    for (const prefix of prefixes) expect(prefix).toMatch(/^parley-a{24}-[0-9a-f]{8}$/)
  })

  test('where nothing can be written nothing is left', () => {
    const { status, stderr } = tenant('acme', '--host', 'chat.acme.com', '--folder', '/proc/none')
    expect([status, stderr]).toEqual([1, expect.stringContaining('--folder names another place')])
    expect(existsSync('/proc/none')).toBe(false)
  })
})

test('tenants kept in this repository', async () => {
  for (const folder of globSync('deploy/kubernetes/tenants/*/', { cwd: root }).filter(
    (path) => !path.includes('trial-'),
  ))
    await rendered(join(root, folder))
})
