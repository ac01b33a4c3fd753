import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { commandNames } from '../../src/cli/spelling.ts'
import { blocksOf, deploying, operating } from '../support/blocks.ts'
import { ofKind, readManifests } from '../support/kubernetes/manifest.ts'
import { kustomizeCommand, render } from '../support/kustomize.ts'

const root = join(import.meta.dirname, '../..')
const guides = deploying.flatMap(blocksOf)
/** Those of them that need nothing are run in test/flows/runbooks.test.ts, where there is a bot. */
const blocks = [...guides, ...operating.flatMap(blocksOf)]
const needs = [
  'a cluster',
  'a host',
  'a server',
  'docker',
  'systemd',
  'PostgreSQL',
  'PostgreSQL in DATABASE_URL',
  'PostgreSQL and Redis',
  'an empty place',
  'a name of the list',
  'a secret',
  'the repository on GitHub',
]

describe('commands of the guides', () => {
  test.each(blocks)('$path, $first', ({ text, needs: needed }) => {
    if (needed !== undefined) expect(needs).toContain(needed)
    expect(spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    })
    for (const [, path = ''] of text.matchAll(/\s(deploy\/[\w./-]+)/g))
      expect([path, existsSync(join(root, path.replace(/kubernetes\/tenants\/.*/, 'kubernetes')))]).toEqual([
        path,
        true,
      ])
    for (const [, name = ''] of text.matchAll(/(?:-- parley|run parley --) (\w+)/g))
      expect(commandNames).toContain(name)
  })

  test('no password is on a command line, and a terminal is asked for only where there is one', () => {
    const told = /\bpsql\b[^<\n]*?(?:\s-v\s*password=|_URL\b|\$\(cat)|exec (?!-T)[^|&\n]*<\/dev\/null/
    expect(blocks.filter(({ text }) => told.test(text)).map(({ path, text }) => [path, text])).toEqual([])
    for (const wrong of [
      'psql -q -v password="$PASSWORD" <<SQL',
      'psql "$(cat /etc/parley/secrets/DATABASE_URL)" -c x',
      'psql "$DATABASE_URL"',
      'docker compose exec parley parley doctor </dev/null',
    ])
      expect([wrong, told.test(wrong)]).toEqual([wrong, true])
  })

  test('what they name is in the manifests', async () => {
    const all = await Promise.all(
      ['overlays/single', 'overlays/scaled', 'components/canary/processes'].map(async (name) =>
        readManifests(await render(join(root, 'deploy/kubernetes', name))),
      ),
    )
    const names = new Set(all.flat().map(({ kind, metadata }) => `${kind.toLowerCase()}/${metadata.name}`))
    const named = blocks.flatMap(({ text }) => [
      ...text.matchAll(/\b((?:deployment|statefulset|cronjob)\/[\w-]+)/g),
    ])
    expect(named.length).toBeGreaterThan(3)
    for (const [, name = ''] of named) expect(names).toContain(name)
  })

  test('who has `single` is told what its process is called', () => {
    const ofScaled = ['docs/guides/kubernetes.md', 'docs/runbooks/scaling.md']
    const named = blocks.filter(({ text }) => /deployment\/parley-(api|worker|poller)\b(?!-)/.test(text))
    for (const { path, text } of named.filter((each) => !ofScaled.includes(each.path)))
      expect([path, text]).toEqual([path, expect.stringContaining('statefulset')])
  })

  test.each(['systemctl restart', 'systemctl status', 'journalctl -u'])(
    '%s: of all processes there are under systemd',
    (command) => {
      const those = blocks.filter(({ text }) => new RegExp(`${command} parley( |$)`, 'm').test(text))
      expect(those).not.toEqual([])
      for (const { path, text } of those)
        expect([path, text]).toEqual([path, expect.stringMatching(new RegExp(`${command} [^&|\\n]*parley@`))])
    },
  )

  test('a claim is deleted only where its process was told to end, and may be gone', () => {
    const deleting = blocks.filter(({ text }) => text.includes('delete pvc'))
    expect(deleting).not.toEqual([])
    for (const { path, text } of deleting)
      expect([path, text]).toEqual([
        path,
        expect.stringMatching(
          /--replicas 0 &&\n(?: *#.*\n)* *kubectl delete pvc .*--ignore-not-found &&\n *kubectl apply /,
        ),
      ])
  })

  test('a claim made by hand is the one its StatefulSet would make', async () => {
    const manifests = readManifests(await render(join(root, 'deploy/kubernetes/overlays/single')))
    const [set] = ofKind(manifests, 'StatefulSet')
    const made = blocks.flatMap(({ text }) => [...text.matchAll(/<<'END'(?: &&)?\n([^]*?)^END$/gm)])
    const wanted = set?.spec.volumeClaimTemplates.map((claim) => [
      `${claim.metadata.name}-parley-0`,
      claim.spec,
    ])
    expect(made).not.toEqual([])
    for (const [, text = ''] of made)
      expect(readManifests(text).map(({ metadata, spec }) => [metadata.name, spec])).toEqual(wanted)
  })

  test('those that need nothing are run, one after the other', () => {
    const name = `trial-${process.pid}`
    const here = guides.filter((block) => block.needs === undefined).map(({ text }) => text)
    const [node, kustomize] = [process.execPath, kustomizeCommand()?.join(' ') ?? '']
    try {
      for (const text of here) {
        const script = text
          .replaceAll(/tenant new acme|tenants\/acme/g, (found) => found.replace('acme', name))
          .replaceAll('npm run parley -- ', `${node} src/main.ts `)
          .replaceAll('npm run node -- ', `${node} `)
          .replaceAll('kubectl kustomize', kustomize)
        const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', script], {
          cwd: root,
          encoding: 'utf8',
        })
        // Until the day of a release the changelog has no date for it, and says so.
        if (script.includes('deploy/release.ts') && stderr.includes('has no date for')) continue
        expect([text, status, stderr]).toEqual([text, 0, ''])
        expect(stdout).not.toBe('')
      }
      expect(here.length).toBeGreaterThanOrEqual(3)
    } finally {
      const tenants = join(root, 'deploy/kubernetes/tenants')
      rmSync(join(tenants, name), { recursive: true, force: true })
      if (existsSync(tenants) && readdirSync(tenants).length === 0) rmSync(tenants, { recursive: true })
    }
  })
})
