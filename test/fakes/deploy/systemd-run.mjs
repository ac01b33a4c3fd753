#!/usr/bin/env node
// Runs a program as systemd-run does: with nothing of the caller's environment, by a user that is parley, where the properties
// say. It logs these as lines of a unit (FAKE_SYSTEMD), and knows no option but those we use.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs, parseEnv } from 'node:util'

const flag = { type: 'boolean' }
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quiet: flag,
    collect: flag,
    wait: flag,
    pty: flag,
    pipe: flag,
    uid: { type: 'string' },
    gid: { type: 'string' },
    property: { type: 'string', short: 'p', multiple: true },
  },
})
const fail = (message) => {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
if (!values.wait || !values.pipe) fail('Nobody would see what it says')
if (values.uid !== 'parley' || values.gid !== 'parley') fail(`Failed to find user ${values.uid}`)
const properties = values.property.map((line) => line.split(/=(.*)/s))
const all = (name) => properties.filter(([each]) => each === name).map(([, value]) => value)
const fileOf = (path) => {
  try {
    return parseEnv(readFileSync(path.replace(/^-/, ''), 'utf8'))
  } catch (error) {
    return path.startsWith('-') ? {} : fail(`Failed to load environment files: ${error.message}`)
  }
}
const [cwd = '/'] = all('WorkingDirectory')
if (all('StateDirectory').length > 0) mkdirSync(cwd, { recursive: true })
process.umask(Number.parseInt(all('UMask')[0] ?? '0022', 8))
writeFileSync(process.env.FAKE_SYSTEMD, values.property.map((line) => `${line}\n`).join(''))
const [program, ...args] = positionals.map((word) =>
  word.replaceAll(/\$\$|\$\w*/g, (found) => (found === '$$' ? '$' : '')),
)
const env = Object.assign({ PATH: '/usr/bin:/bin' }, ...all('EnvironmentFile').map(fileOf))
const { status, signal } = spawnSync(program, args, { cwd, env, stdio: 'inherit' })
// Of a service these are a clean end (systemd.service(5), SuccessExitStatus=).
process.exit(['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGPIPE'].includes(signal) ? 0 : (status ?? 1))
