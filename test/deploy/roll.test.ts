import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { readImage } from '../../deploy/steps/image.ts'
import { roll } from '../../deploy/steps/roll.ts'
import { waitForVersion } from '../../deploy/steps/running.ts'
import { fakeToken } from '../fakes/telegram/telegram.ts'
import { bootApp } from '../support/app.ts'
import { commit, imageName, imagesOf, other, running, useGrounds, version } from '../support/deploy.ts'

const grounds = useGrounds()

const listen = (server: Server, port = 0): Promise<string> =>
  new Promise((resolve) =>
    server.listen(port, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    ),
  )

describe('a way back that fails', () => {
  const answers = 'what ran before answers, but not all of it could be set back'
  /** Sets what never answers; the way back is refused. */
  const refused = async (url: string, set = async (): Promise<unknown> => undefined) => {
    const said: string[] = []
    const target = {
      remember: async () => () => Promise.reject(new Error('refused')),
      current: async () => [running],
      set: async () => void (await set()),
    }
    const say = (line: string): void => void said.push(line)
    const outcome = await roll(target, { image: readImage(other), url, verifyMs: 2000, say })
    return [outcome, said.join('\n')]
  }

  test('what ran before is asked all the same', async () => {
    expect(await refused(grounds.address())).toEqual([
      'lost',
      expect.stringMatching(new RegExp(`FAILED: refused\nverified: ${version} [^]*\n${answers}`)),
    ])
  })

  test('where nothing answered before, whoever answers now is not taken for it', async () => {
    const { hostname, port } = new URL(grounds.address())
    const front = createServer((client) => {
      const upstream = connect(Number(port), hostname)
      for (const each of [client, upstream]) each.on('error', () => undefined)
      client.pipe(upstream).pipe(client)
    })
    const url = await listen(front)
    await new Promise((resolve) => front.close(resolve))
    try {
      const [outcome, said] = await refused(url, () => listen(front, Number(new URL(url).port)))
      expect(outcome).toBe('lost')
      expect(said).toMatch(/nothing that answers[^]*runs \S+ \S+, not 9\.9\.9[^]*FAILED: refused$/)
    } finally {
      front.close()
    }
  })
})

test('what is verified and does without a channel is done, with a warning that tells why', async () => {
  const away = { TELEGRAM_BOT_TOKEN: fakeToken, TELEGRAM_API_ROOT: 'http://127.0.0.1:9' }
  const app = await bootApp({ env: away })
  try {
    const url = app.app.address
    const warning = /WARNING: telegram is down: Telegram cannot be reached/
    expect(await grounds.run('verify.ts', url)).toEqual({ code: 0, output: expect.stringMatching(warning) })
    expect(await grounds.deploy(grounds.overlay('single'), running, url)).toEqual({
      code: 0,
      output: expect.stringMatching(warning),
    })
  } finally {
    await app.close()
  }
})

describe('a signal', () => {
  /** A version is deployed over the one that runs; `until` waits for what it says. */
  const begin = async (image: string, url: string) => {
    const folder = grounds.overlay('scaled')
    await grounds.deploy(folder, running)
    const args = ['kubernetes', folder, '--image', image, '--url', url, '--within', '60']
    const { child, ended } = grounds.start('deploy.ts', ...args)
    let said = ''
    child.stdout.on('data', (bytes) => (said += String(bytes)))
    const until = (line: string) => expect.poll(() => said, { timeout: 20_000 }).toContain(line)
    await until(`set: ${image}`)
    await expect.poll(() => imagesOf(grounds.cluster()), { timeout: 10_000 }).toEqual([image])
    return { child, ended, until }
  }

  test.each([
    ['SIGTERM', 'verified', other],
    ['SIGINT', 'waited for', `${imageName}:9.9.9-facade012345`],
  ] as const)('%s, while it is %s: what ran before is set again', async (signal, _, image) => {
    const { child, ended } = await begin(image, grounds.address())
    child.kill(signal)
    const { code, output } = await ended
    expect(output).toMatch(
      new RegExp(
        `${signal}: what was set is taken back[^]*FAILED: stopped by ${signal}\nset, or a part of it: ${image}\n` +
          `back: to ${version}\nverified: [^]*NOT DEPLOYED: what ran before runs again\n$`,
      ),
    )
    expect(code).toBe(1)
    expect(imagesOf(grounds.cluster())).toEqual([running])
  })

  test('a terminal that is closed: what ran before is set again, with nobody to tell', async () => {
    const { child, ended } = await begin(`${imageName}:9.9.9-facade012345`, grounds.address())
    child.stdout.destroy()
    child.kill('SIGHUP')
    await sleep(600)
    child.kill('SIGHUP')
    expect((await ended).code).toBe(1)
    expect(imagesOf(grounds.cluster())).toEqual([running])
  })

  test('after it was verified, while it is asked what is missing: back as well', async () => {
    const stop = new AbortController()
    let isBack = false
    const target = {
      remember: async () => async () => void (isBack = true),
      current: async () => [running],
      set: async () => undefined,
    }
    const say = (line: string): void => {
      if (line.startsWith('verified')) stop.abort(new Error('stopped'))
    }
    const plan = { image: readImage(running), url: grounds.address(), verifyMs: 10_000, stopped: stop.signal }
    expect([await roll(target, { ...plan, say }), isBack]).toEqual(['back', true])
  })

  test('a second one ends it at once, and somebody is to look', async () => {
    // Where nothing answers the way back takes as long as it may.
    const { child, ended, until } = await begin(other, 'http://127.0.0.1:9')
    child.kill('SIGTERM')
    await until('back: to what was set before')
    await sleep(600)
    child.kill('SIGTERM')
    expect(await ended).toEqual({ code: 3, output: expect.stringMatching(/\nLOOK AT IT: .*\n$/) })
  })

  test('while the schema is brought up: the job is removed, and nothing is set', async () => {
    const folder = grounds.overlay('scaled')
    await grounds.deploy(folder, running)
    grounds.env()['FAKE_MIGRATION'] = 'works'
    const to = ['--image', other, '--url', grounds.address()]
    const { child, ended } = grounds.start('deploy.ts', 'kubernetes', folder, ...to)
    const jobs = () => Object.keys(grounds.cluster()).filter((name) => name.startsWith('job/parley-migrate'))
    await expect.poll(jobs, { timeout: 20_000 }).toHaveLength(1)
    child.kill('SIGTERM')
    expect(await ended).toEqual({
      code: 1,
      output: expect.stringMatching(/FAILED: stopped by SIGTERM\nNOT DEPLOYED: nothing was changed\n$/),
    })
    expect([jobs(), imagesOf(grounds.cluster())]).toEqual([[], [running]])
  })

  test('before anything is set, nothing is', async () => {
    const stop = new AbortController()
    stop.abort(new Error('stopped'))
    const target = {
      remember: async () => undefined,
      current: async () => [],
      set: () => Promise.reject(new Error('it was set')),
    }
    const plan = { image: readImage(other), url: grounds.address(), verifyMs: 2000, stopped: stop.signal }
    expect(await roll(target, { ...plan, say: () => undefined })).toBe('untouched')
  })
})

describe('processes behind one address', () => {
  /** Every so many answers come from a process of another version. */
  const ask = async (wrongEvery: number, withinMs: number) => {
    let asked = 0
    const server = createHttpServer(({ url }, response) => {
      if (url !== '/api/version') return response.end()
      asked += 1
      response.end(JSON.stringify({ version: asked % wrongEvery === 0 ? '0.0.1' : version, commit }))
    })
    const url = await listen(server)
    try {
      const seen = waitForVersion(url, { version, commit }, withinMs)
      return await seen.then(
        () => `believed after ${asked}`,
        (error: Error) => error.message,
      )
    } finally {
      server.close()
    }
  }

  test.each([2, 5])('one in %i answers is of another version: not believed', async (wrongEvery) => {
    expect(await ask(wrongEvery, 1000)).toMatch(/not all of it runs this version|runs 0\.0\.1/)
  })

  test('all are of one version: believed after five answers in a row', async () => {
    expect(await ask(Infinity, 20_000)).toBe('believed after 5')
  })
})
