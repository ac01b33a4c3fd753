import { setTimeout as sleep } from 'node:timers/promises'
import { converse } from '../../deploy/steps/conversation.ts'
import { freePort } from '../support/servers/server.ts'
import type { Check } from './check.ts'
import type { Engine } from './engine.ts'
import { checkKill, checkStop, settingsFor, startModel } from './talking.ts'

/** An image at work, as an orchestrator runs it. */
export async function checkRunning(engine: Engine, check: Check): Promise<void> {
  const port = await freePort()
  const volume = `parley-image-${process.pid}`
  const models = await startModel()
  const began = Date.now()
  const name = await engine.start({ port, volume, env: settingsFor(models) })
  const address = `http://127.0.0.1:${port}`
  try {
    check(`ready after ${await readyAfter(address, began)} ms, its root read-only, its room 768 MB`, true)
    await checkRights(engine, name, check)
    check('a page has a conversation', /^Parley|version/i.test(await converse(address, 10_000)))
    await checkKill({ engine, name, address, models }, check)
    await checkStop({ engine, name, address, models }, check)
  } catch (error) {
    check(error instanceof Error ? error.message : String(error), false)
  } finally {
    const log = await engine.call('logs', '--tail', '20', name)
    if (process.exitCode) process.stdout.write(`${log}\n`)
    await engine.call('rm', '--force', '--volumes', name)
    await engine.call('volume', 'rm', '--force', volume)
    await models.close()
  }
}

async function readyAfter(address: string, began: number): Promise<number> {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(20)) {
    const response = await fetch(`${address}/readyz`).catch(() => undefined)
    if (response?.ok) return Date.now() - began
  }
  throw new Error('It is not ready after a minute')
}

async function checkRights(engine: Engine, name: string, check: Check): Promise<void> {
  const inside = (...command: string[]): Promise<string> =>
    engine.call('exec', name, ...command).catch(String)
  const status = await inside('cat', '/proc/1/status')
  const command = (await inside('cat', '/proc/1/cmdline')).split('\0')
  check(
    `process 1 is the server itself, of user ${/^Uid:\t(\d+)/m.exec(status)?.[1]}`,
    command.includes('/app/src/main.ts') && /^Uid:\t1000\t1000/m.test(status),
  )
  check(
    'it has no capabilities, and can gain none',
    /^CapEff:\t0+$/m.test(status) && /^NoNewPrivs:\t1/m.test(status),
  )
  for (const path of ['/app/x', '/usr/local/bin/x', '/x'])
    check(`it cannot write ${path}`, /read-only/i.test(await inside('touch', path)))
  const healthy = ['inspect', '--format', '{{json .Config.Healthcheck.Test}}', name]
  const [, ...test] = JSON.parse(await engine.call(...healthy)) as string[]
  const health = await engine.call('exec', name, ...test).then(
    () => true,
    () => false,
  )
  check('its health check passes', health)
  check('and fails where nothing listens', await fails(engine, 'exec', '--env', 'PORT=9', name, ...test))
  const version = await inside('parley', 'version', '--json')
  check(`it knows what it is: ${version.replaceAll(/\s+/g, ' ')}`, /"version"/.test(version))
  check('parley call answers', (await inside('parley', 'call', 'What do you offer?')).length > 50)
  const tenant = await inside(
    'sh',
    '-c',
    'cd /tmp && parley tenant new acme --host a.example.com --image ghcr.io/a/b && ls parley-*/base',
  )
  check('parley tenant new brings the manifests', /service\.yaml/.test(tenant))
}

const fails = (engine: Engine, ...args: string[]): Promise<boolean> =>
  engine.call(...args).then(
    () => false,
    () => true,
  )
