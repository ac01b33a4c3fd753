import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { explain } from './failure.mjs'
import { root } from './paths.mjs'

/**
 * Runs a program quietly; throws a `Failure` with its last lines when it fails.
 * @param {string} action what is being done, for the message
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, node?: string }} options `node`: comes first in PATH
 * @returns {Promise<string>} what it printed
 */
export function run(action, program, args, { cwd = root, node = process.execPath } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: environment(node), stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const collect = (bytes) => (output += bytes)
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.once('error', (error) => reject(explain(action, error.message)))
    child.once('close', (code, signal) => {
      if (code === 0) resolve(output)
      else reject(explain(action, `${output}\n${signal ? `ended by ${signal}` : `exit code ${code}`}`))
    })
  })
}

/**
 * Runs npm: the one that belongs to `node`, else the one that started us, else the one in PATH.
 * Errors of the network show within seconds, not minutes.
 */
export function runNpm(action, args, { cwd, node }) {
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error', '--progress=false']
  const patience = ['--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=4000']
  const all = [...args, ...quiet, ...patience]
  const bundled = join(node, '..', '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js')
  const script = [bundled, process.env.npm_execpath ?? ''].find(
    (path) => path.endsWith('npm-cli.js') && existsSync(path),
  )
  return script === undefined
    ? run(action, 'npm', all, { cwd, node })
    : run(action, node, [script, ...all], { cwd, node })
}

/** Ours, without what an outer `npm start` adds about its own package. */
function environment(node) {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^npm_(package|lifecycle|command|config_(local|global)_prefix|config_prefix)/i.test(name),
  )
  return { ...Object.fromEntries(inherited), PATH: `${join(node, '..')}:${process.env.PATH ?? ''}` }
}
