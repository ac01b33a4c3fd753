import { spawn } from 'node:child_process'

/**
 * Turns this process into another program: same input and output, same signals, same end. Where the platform allows,
 * the process itself is replaced; else a child takes its place and lives exactly as long.
 * @param {string} program
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
export function become(program, args, env) {
  if (typeof process.execve === 'function' && process.platform !== 'win32') {
    process.removeAllListeners('warning') // execve warns that it is experimental
    process.execve(program, [program, ...args], env)
  }
  // Node reads it as a URL: in a path a # or a % would mean something else.
  const tether = new URL('tether.mjs', import.meta.url).href
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc']
  const child = spawn(program, ['--import', tether, ...args], { env, stdio })
  const forward = (signal) => {
    // A terminal sends Ctrl-C to the child as well; twice would mean "at once".
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, forward)
  child.once('error', (error) => {
    process.stderr.write(`${program} could not be started: ${error.message}\n`)
    process.exitCode = 1
  })
  child.once('exit', (code, signal) => {
    for (const name of signals) process.removeListener(name, forward)
    if (signal) process.kill(process.pid, signal)
    else process.exitCode = code ?? 1
  })
}
