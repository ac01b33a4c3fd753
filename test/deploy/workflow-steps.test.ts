import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { imagesOf, root, running, useGrounds } from '../support/deploy.ts'

const grounds = useGrounds()

describe('the steps of the workflow', () => {
  const stepsOf = (workflow: string, job: string): { name?: string; run?: string }[] =>
    parse(readFileSync(join(root, `.github/workflows/${workflow}.yml`), 'utf8')).jobs[job].steps
  const steps = stepsOf('deploy', 'deploy')
  /** As a runner does: bash, ending at the first failure. */
  const step = (name: string, more: NodeJS.ProcessEnv, all = steps) => {
    const { run: script = '' } = all.find((each) => each.name === name) ?? {}
    return spawnSync('bash', ['-e', '-c', script], {
      cwd: root,
      env: { ...grounds.env(), HOME: grounds.folder(), ...more },
      encoding: 'utf8',
    })
  }

  test('set, wait and verify, or go back', async () => {
    const { status } = spawnSync('bash', ['-c', 'command -v node'], { env: grounds.env() })
    expect(status).toBe(0)
    const { TARGET, PLACE, URL, TAG } = {
      TAG: running.split(':')[1],
      TARGET: 'kubernetes',
      PLACE: grounds.overlay('scaled'),
      URL: grounds.address(),
    }
    const [script] = steps.flatMap(({ name: each, run: text }) =>
      each?.startsWith('Set, wait') ? [text ?? ''] : [],
    )
    const child = spawn('bash', ['-e', '-c', script ?? ''], {
      cwd: root,
      env: { ...grounds.env(), TARGET, PLACE, URL, GITHUB_REPOSITORY: 'Example/Parley', TAG },
    })
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0)
    expect(imagesOf(grounds.cluster())).toEqual([running])
  })

  test('a run that is cut off says what to do', () => {
    const { status, stdout } = step('Cut off', { TAG: '9.9.9-abcdef012345', URL: 'https://chat.acme.com' })
    expect(status).toBe(0)
    expect(stdout).toMatch(
      /^::error::Cut off: 9\.9\.9-abcdef012345 may be set at https:\/\/chat\.acme\.com in part.*releases\.md.*\n$/,
    )
    expect(steps.find(({ name }) => name === 'Cut off')).toMatchObject({ if: 'cancelled()' })
  })

  test('keys are for the runner alone, and gone afterwards', () => {
    const RUNNER_TEMP = grounds.folder()
    const GITHUB_ENV = join(grounds.folder(), 'env')
    expect(
      step('The way to the cluster', { RUNNER_TEMP, GITHUB_ENV, KUBECONFIG_TEXT: 'a: 1\n' }).status,
    ).toBe(0)
    expect(step('The way to the host', { SSH_KEY: 'key', SSH_KNOWN_HOSTS: 'host' }).status).toBe(0)
    expect(readFileSync(GITHUB_ENV, 'utf8')).toBe(`KUBECONFIG=${grounds.folder()}/kubeconfig\n`)
    expect(readFileSync(join(grounds.folder(), '.ssh/id_ed25519'), 'utf8')).toBe('key\n')
    for (const path of ['kubeconfig', '.ssh/id_ed25519', '.ssh/known_hosts'])
      expect(statSync(join(grounds.folder(), path)).mode & 0o077).toBe(0)
    expect(step('Forget the ways', { RUNNER_TEMP }).status).toBe(0)
    for (const path of ['kubeconfig', '.ssh/id_ed25519'])
      expect(existsSync(join(grounds.folder(), path))).toBe(false)
  })

  test('a tag that may be taken is not pushed: the registry must say that there is none', () => {
    const look = () => step('The tag is not taken', { IMAGE: running }, stepsOf('release', 'image'))
    expect(look()).toMatchObject({ status: 0, stdout: '' })
    const [pushed, away] = ['pushed', 'away'].map((name) => join(grounds.folder(), `docker.log.${name}`))
    writeFileSync(pushed ?? '', `${running}\n`)
    expect(look()).toMatchObject({ status: 1, stdout: expect.stringMatching(/^::error::.*is there already/) })
    writeFileSync(away ?? '', '')
    expect(look()).toMatchObject({ status: 1, stdout: expect.stringMatching(/^::error::.*502 Bad Gateway/) })
  })

  const tags = ['v0.1.0', 'v0.2.0-rc.2', 'v0.2.0', 'v0.3.0-rc.1', 'v0.3.0-rc.2']
  /** A repository with these tags; what the steps are given. */
  const tagged = (...names: string[]) => {
    const GIT_DIR = join(grounds.folder(), 'git')
    const git = (...args: string[]) =>
      expect(spawnSync('git', args, { env: { ...grounds.env(), GIT_DIR } }).status).toBe(0)
    git('init', '--quiet')
    const tree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'
    git('hash-object', '-t', 'tree', '-w', '/dev/null')
    for (const each of new Set(names)) git('tag', each, tree)
    return { GIT_DIR, GITHUB_OUTPUT: join(grounds.folder(), 'output') }
  }
  const whichNewer = (own: string, env: NodeJS.ProcessEnv) => {
    const all = stepsOf('release', 'name')
    const { name = '' } = all.find((each) => each.name?.startsWith('Which newer')) ?? {}
    return step(name, { ...env, GITHUB_REF_NAME: own }, all)
  }
  const guard = (RELEASE: string, env: NodeJS.ProcessEnv) =>
    step('A newer one that is tagged by now is not replaced', { ...env, RELEASE })

  const mistake = /v0\.2\.0 is there: \S+ is not deployed.* mistake: git push --delete origin v0\.2\.0\b/
    .source
  test.each([
    ['v0.2.0', ''],
    ['v0.1.1', 'v0.2.0'],
    ['v0.2.0-rc.2', 'v0.2.0'],
    ['v0.3.0-rc.1', ''],
    ['v0.10.0', ''],
  ])('%s, where 0.2.0 and candidates of 0.3.0 are: the newer one is %j', (own, newer) => {
    const env = tagged(...tags, own)
    const { status, stdout } = whichNewer(own, env)
    expect([status, readFileSync(env.GITHUB_OUTPUT, 'utf8')]).toEqual([0, `newer=${newer}\n`])
    expect(stdout).toMatch(newer === '' ? /^$/ : new RegExp(`^::notice::${mistake}`))
    expect(guard(own, env)).toMatchObject(
      newer === ''
        ? { status: 0, stdout: '' }
        : { status: 1, stdout: expect.stringMatching(new RegExp(`^::error::${mistake}`)) },
    )
  })

  test('a tag that is refused is to be deleted: others would not be deployed for it', () => {
    const all = stepsOf('release', 'name')
    const { name = '' } = all.find((each) => each.name?.startsWith('Tag, package.json')) ?? {}
    const env = { GITHUB_REF_NAME: 'v99.0.0', GITHUB_SHA: 'a'.repeat(40) }
    expect(step(name, env, all)).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/^::error::v99\.0\.0 is refused.* git push --delete origin v99\.0\.0\n$/),
      stderr: expect.stringContaining('The tag says 99.0.0'),
    })
  })

  test('who does not see its own tag, or no repository at all, does not say that nothing is newer', () => {
    const env = tagged(...tags)
    const unknown = { status: 1, stderr: expect.stringContaining('the tag v0.1.1 is not here') }
    for (const look of [whichNewer, guard]) {
      expect(look('v0.1.1', env)).toMatchObject(unknown)
      expect(look('v0.2.0', { ...env, GIT_DIR: join(grounds.folder(), 'none') }).status).not.toBe(0)
    }
    expect(existsSync(env.GITHUB_OUTPUT)).toBe(false)
  })

  test('the images of both processors get one tag, which has a digest; a half one gets none', () => {
    const GITHUB_OUTPUT = join(grounds.folder(), 'output')
    const [NAME] = running.split(':')
    const tag = (AMD64: string, ARM64: string) =>
      step(
        'Both under one tag',
        { IMAGE: running, NAME, AMD64, ARM64, GITHUB_OUTPUT },
        stepsOf('release', 'image'),
      ).status
    const pushed = join(grounds.folder(), 'docker.log.pushed')
    expect([tag('sha256:a1', ''), existsSync(pushed)]).toEqual([1, false])
    expect(tag('sha256:a1', 'sha256:b2')).toBe(0)
    expect(readFileSync(pushed, 'utf8')).toBe(`${running}\n`)
    expect(readFileSync(GITHUB_OUTPUT, 'utf8')).toBe('digest=sha256:ab12\n')
  })

  test('the name of an image has small letters, whatever its repository has', () => {
    const GITHUB_OUTPUT = join(grounds.folder(), 'output')
    const { name = '' } = stepsOf('release', 'name').find((each) => each.name?.startsWith('Where it')) ?? {}
    const env = { GITHUB_OUTPUT, GITHUB_REPOSITORY: 'Example/Parley' }
    expect(step(name, env, stepsOf('release', 'name')).status).toBe(0)
    expect(readFileSync(GITHUB_OUTPUT, 'utf8')).toMatch(/^name=ghcr\.io\/example\/parley\nat=20\S+Z\n$/)
  })
})
