import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createServer, connect, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { createHostTarget } from '../../deploy/steps/host.ts'
import { readImage } from '../../deploy/steps/image.ts'
import { roll } from '../../deploy/steps/roll.ts'
import { verify } from '../../deploy/steps/verify.ts'
import { commit, imageName, other, root, running, useGrounds, version } from '../support/deploy.ts'

const grounds = useGrounds()

/** Leads to an address, and cuts off the first sockets that pages open there. */
async function cutting(address: string, times: number) {
  const { port, hostname } = new URL(address)
  let sockets = 0
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    client.on('error', () => upstream.destroy())
    upstream.on('error', () => client.destroy())
    client.on('data', (bytes) => {
      if (!String(bytes).startsWith('GET /ws ')) return
      sockets += 1
      if (sockets <= times) client.destroy()
    })
    client.pipe(upstream).pipe(client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, sockets: () => sockets, close: () => server.close() }
}

describe('verify', () => {
  test('the version that runs, and a conversation', async () => {
    const { code, output } = await grounds.run(
      'verify.ts',
      grounds.address(),
      '--version',
      version,
      '--commit',
      commit.slice(0, 7),
    )
    expect([code, output]).toEqual([
      0,
      `ok: ${version} ${commit.slice(0, 12)} answers at ${grounds.address()}\n`,
    ])
  })

  test('a conversation that is cut off is begun again: a process that ends sends its pages away', async () => {
    const front = await cutting(grounds.address(), 2)
    try {
      await verify(front.url, { version }, 20_000)
      expect(front.sockets()).toBe(3)
    } finally {
      front.close()
    }
  })

  test('another version, and nobody there', async () => {
    expect(
      await grounds.run('verify.ts', grounds.address(), '--version', '9.9.9', '--within', '1.5'),
    ).toEqual({
      code: 1,
      output: expect.stringContaining(`runs ${version} ${commit.slice(0, 12)}, not 9.9.9`),
    })
    expect(await grounds.run('verify.ts', 'http://127.0.0.1:9', '--within', '1.5')).toEqual({
      code: 1,
      output: expect.stringContaining('does not answer /api/version'),
    })
  })

  test.each([
    [[], '"" is no address'],
    [['chat.acme.com:443'], '"chat.acme.com:443" is no address'],
    [['http://127.0.0.1:9', 'more'], '"more" is too much'],
    [['http://127.0.0.1:9', '--verison=9.9.9'], "Unknown option '--verison'"],
    [['http://127.0.0.1:9', '--commit', ''], 'says nothing'],
    [['http://127.0.0.1:9', '--version'], 'argument missing'],
    [['http://127.0.0.1:9', '--within'], 'argument missing'],
    [['http://127.0.0.1:9', '--within', 'x'], '--within "x"'],
  ])('%j is not clear: nothing is verified', async (args, fault) => {
    expect(await grounds.run('verify.ts', ...args)).toEqual({
      code: 2,
      output: expect.stringMatching(new RegExp(`${fault}[^]*\\n\\nUsage:`)),
    })
  })
})

describe('to a host', () => {
  const toHost = (image: string, host = 'deploy@host.example') =>
    grounds.run(
      'deploy.ts',
      'host',
      `${host}:${grounds.folder()}/it's here`,
      '--image',
      image,
      '--url',
      grounds.address(),
      '--within',
      '3',
    )
  const place = () => join(grounds.folder(), "it's here")
  beforeEach(() => {
    mkdirSync(place())
    writeFileSync(join(place(), '.env'), `SECRET_KEY=kept\nPARLEY_IMAGE=${running}\nHOST=0.0.0.0\n`)
    chmodSync(join(place(), '.env'), 0o600)
  })
  const dockerLog = () => readFileSync(join(grounds.folder(), 'docker.log'), 'utf8')
  const dotEnv = () => readFileSync(join(place(), '.env'), 'utf8')

  test('the image is fetched, set and verified; the rest of .env and its rights stay', async () => {
    const { code, output } = await toHost(running)
    expect([code, output]).toEqual([0, expect.stringContaining(`verified: ${version}`)])
    expect(dotEnv()).toBe(`SECRET_KEY=kept\nHOST=0.0.0.0\nPARLEY_IMAGE=${running}\n`)
    expect(statSync(join(place(), '.env')).mode & 0o777).toBe(0o600)
    const up = 'compose up --detach --wait --wait-timeout 300'
    expect(dockerLog().replaceAll('compose config --services\n', '')).toBe(
      [
        `image inspect ${running}`,
        `pull --quiet ${running}`,
        `compose run --rm -T parley migrate up --expanding`,
        `image inspect ${running}`,
        ...['parley', 'second', 'nginx'].map((service) => `${up} ${service}`),
        'compose up --detach --wait --wait-timeout 60 --remove-orphans',
        '',
      ].join('\n'),
    )
  })

  test('what the schema lacks comes by the new image while the old one runs; where that fails the start does it', async () => {
    const migrations = () => readFileSync(join(grounds.folder(), 'docker.log.migrated'), 'utf8')
    writeFileSync(join(place(), '.env'), `PARLEY_IMAGE=${other}\n`)
    expect((await toHost(running)).code).toBe(0)
    expect(migrations()).toBe(`${running} while ${other} is set\n`)
    writeFileSync(join(grounds.folder(), 'docker.log.unmigrated'), '')
    expect((await toHost(running)).code).toBe(0)
    expect(dotEnv()).toBe(`PARLEY_IMAGE=${running}\n`)
  })

  test('cut off while the schema is brought up: that goes on over there, and nothing is set, then or later', async () => {
    const [migrating, migrated] = ['migrating', 'migrated'].map((name) =>
      join(grounds.folder(), `docker.log.${name}`),
    )
    writeFileSync(migrating ?? '', '')
    const to = [`deploy@host.example:${place()}`, '--image', other, '--url', grounds.address()]
    const { child, ended } = grounds.start('deploy.ts', 'host', ...to)
    await vi.waitFor(() => expect(dockerLog()).toContain('migrate up'), { timeout: 20_000 })
    child.kill('SIGINT')
    expect(await ended).toEqual({
      code: 1,
      output: expect.stringMatching(/FAILED: stopped by SIGINT\nNOT DEPLOYED: nothing was changed\n$/),
    })
    rmSync(migrating ?? '')
    await vi.waitFor(() => expect(existsSync(migrated ?? '')).toBe(true), { timeout: 10_000 })
    await sleep(500)
    expect(dotEnv()).toContain(`PARLEY_IMAGE=${running}\n`)
    expect(dockerLog()).not.toContain('compose up')
  })

  test('a line that is silent is kept up, and one that is cut ends', async () => {
    await toHost(running)
    const lines = readFileSync(join(grounds.folder(), 'docker.log.ssh'), 'utf8').trim().split('\n')
    expect(lines.length).toBeGreaterThan(1)
    for (const line of lines)
      expect(line).toMatch(/-o ServerAliveInterval=15 -o ServerAliveCountMax=8 deploy@host\.example sh -s --/)
  })

  test('an .env whose last line has no end', async () => {
    writeFileSync(join(place(), '.env'), `PARLEY_IMAGE=${other}\nBACKUPS=/mnt`)
    expect((await toHost(running)).code).toBe(0)
    expect(dotEnv()).toBe(`BACKUPS=/mnt\nPARLEY_IMAGE=${running}\n`)
  })

  test('what somebody else set between the look and the turn is not set over', async () => {
    const script = `exec sh -s -- "$0" "$1" "$2" <'${root}/deploy/host/set-image.sh'`
    const setAfter = (before: string) =>
      spawnSync('sh', ['-c', script, place(), other, before], { env: grounds.env(), encoding: 'utf8' })
    expect(setAfter(`${imageName}:1.0.0-abcdef0`)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`somebody else has set ${running} meanwhile`),
    })
    expect(dotEnv()).toContain(`PARLEY_IMAGE=${running}\n`)
    expect(setAfter(running).status).toBe(0)
    expect(dotEnv()).toContain(`PARLEY_IMAGE=${other}\n`)
  })

  test.each([
    ['that never gets healthy', `${imageName}:9.9.9-bad0000`, /unhealthy/],
    ['that is not seen from outside', other, /not 9\.9\.9/],
  ])('a version %s: back', async (_, image, fault) => {
    const { code, output } = await toHost(image)
    expect([code, output]).toEqual([1, expect.stringMatching(fault)])
    expect(dotEnv()).toContain(`PARLEY_IMAGE=${running}\n`)
    expect(output).toContain('what ran before runs again')
  })

  test.each([`"${running}"`, `'${running}'`, `${running} # since Monday`])(
    'back to %s, as compose takes it as well',
    async (written) => {
      writeFileSync(join(place(), '.env'), `PARLEY_IMAGE=${written}\n`)
      expect((await toHost(other)).code).toBe(1)
      expect(dotEnv()).toBe(`PARLEY_IMAGE=${running}\n`)
    },
  )

  test('what people do not need holds no version up, there or back, and is told', async () => {
    writeFileSync(join(grounds.folder(), 'docker.log.ill'), '')
    const warning = /^WARNING: .*\(container grafana is unhealthy: C:\\temp\)/gm
    const there = await toHost(running)
    expect([there.code, there.output.match(warning)]).toEqual([0, [expect.anything()]])
    const back = await toHost(other)
    expect([back.code, back.output.match(warning)]).toEqual([1, [expect.anything(), expect.anything()]])
    expect(back.output).toContain('what ran before runs again')
    expect(dotEnv()).toContain(`PARLEY_IMAGE=${running}\n`)
  })

  test('what somebody else has set meanwhile is left alone', async () => {
    const third = `${imageName}:3.0.0-abcdef012345`
    const deploying = toHost(other)
    await vi.waitFor(() => expect(dotEnv()).toContain(other), { timeout: 10_000 })
    writeFileSync(join(place(), '.env'), `PARLEY_IMAGE=${third}\n`)
    expect(await deploying).toEqual({ code: 4, output: expect.stringContaining('OVERTAKEN') })
    expect(dotEnv()).toBe(`PARLEY_IMAGE=${third}\n`)
  })

  test('what somebody else has set while the way back waited for its turn is left alone', async () => {
    const third = `${imageName}:3.0.0-abcdef012345`
    for (const [name, value] of Object.entries(grounds.env())) vi.stubEnv(name, value)
    const said: string[] = []
    const say = (line: string): void => {
      said.push(line)
      if (line.startsWith('back:')) writeFileSync(join(place(), '.env'), `PARLEY_IMAGE=${third}\n`)
    }
    const target = createHostTarget('deploy@host.example', place(), say)
    const plan = { image: readImage(other), url: grounds.address(), verifyMs: 1500, say }
    expect([await roll(target, plan), said.join('\n')]).toEqual([
      'overtaken',
      expect.stringMatching(/back: [^]*FAILED: .*nothing was changed[^]*somebody else has set \S+3\.0\.0/),
    ])
    expect(dotEnv()).toBe(`PARLEY_IMAGE=${third}\n`)
  })

  test('an image that is in no registry changes nothing that runs', async () => {
    // A tag of hexadecimal digits cannot say it; the name can.
    expect((await toHost('ghcr.io/example/gone:1.2.3-abcdef0')).output).toContain('manifest unknown')
    expect(dockerLog()).toMatch(/^image inspect .*gone:.*\npull .*gone:/)
    expect(dotEnv()).toContain(`PARLEY_IMAGE=${running}\n`)
  })

  test('back to what ran before, which is on the machine, while the registry is away', async () => {
    writeFileSync(join(grounds.folder(), 'docker.log.images'), `${running}\n`)
    writeFileSync(join(grounds.folder(), 'docker.log.away'), '')
    const { code, output } = await toHost(running)
    expect([code, output]).toEqual([0, expect.stringContaining(`verified: ${version}`)])
    expect(dockerLog()).not.toContain('pull')
  })

  test('two who deploy take turns', async () => {
    const images = [running, other]
    const codes = images.map((image) => {
      const script = `exec sh -s -- "$0" "$1" <'${root}/deploy/host/set-image.sh'`
      const child = spawn('sh', ['-c', script, place(), image], { env: grounds.env() })
      return new Promise((resolve) => child.once('close', resolve))
    })
    expect(await Promise.all(codes)).toEqual([0, 0])
    const lines = dockerLog().trim().split('\n')
    const begun = lines.flatMap((line, index) => (line.startsWith('image inspect') ? [index] : []))
    expect(begun).toEqual([0, lines.length / 2])
    expect(lines.findLastIndex((line) => line.startsWith('pull'))).toBe(lines.length / 2 + 1)
  })

  test('a host that does not answer', async () => {
    expect(await toHost(running, 'deploy@other.example')).toEqual({
      code: 1,
      output: expect.stringMatching(/unknown host[^]*nothing was changed/),
    })
  })

  test('wrong usage', async () => {
    const whole = ['host', `deploy@host.example:${place()}`, '--image', running, '--url']
    for (const args of [
      [],
      ['host'],
      ['host', 'deploy@host.example'],
      ['moon', 'x', '--image', running, '--url', 'http://x'],
      [...whole, 'host.example:443'],
      [...whole, 'http://127.0.0.1:9', '--within'],
      [...whole, 'http://127.0.0.1:9', '--witin=1'],
    ])
      expect(await grounds.run('deploy.ts', ...args)).toEqual({
        code: 2,
        output: expect.stringContaining('Usage:'),
      })
    expect(existsSync(join(grounds.folder(), 'docker.log.ssh'))).toBe(false)
  })
})
