import { root } from './paths.mjs'

/** What could not be done and what the person can do about it. */
export class Failure extends Error {
  /**
   * @param {string} message
   * @param {string} advice
   */
  constructor(message, advice) {
    super(message)
    this.advice = advice
  }
}

/** Shown on standard error, so that the output of a command stays its own. */
export const say = (line) => process.stderr.write(`${line}\n`)

const causes = [
  {
    found:
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ERR_SOCKET_TIMEOUT|FETCH_ERROR|network/i,
    message: 'the package registry cannot be reached',
    advice:
      'Connect this machine to the network and run the command again. Behind a proxy set HTTPS_PROXY; ' +
      'with a registry of your own run: npm config set registry URL',
  },
  {
    found: /ENOSPC|EDQUOT|no space left/i,
    message: 'the disk is full',
    advice: 'Free about 600 MB and run the command again.',
  },
  {
    found: /EACCES|EPERM|EROFS|permission denied|read-only file system/i,
    message: 'no permission to write',
    advice: `Run as the owner of ${root}: cd ${root} && npm run -s ready`,
  },
  {
    found: /EUSAGE|can only install packages when your package\.json and package-lock\.json/i,
    message: 'package.json and package-lock.json do not belong together',
    advice: 'Restore both from the repository: git checkout package.json package-lock.json',
  },
  {
    found: /EINTEGRITY/,
    message: 'a downloaded package is not the one of package-lock.json',
    advice:
      'Run: npm cache clean --force, then the command again. If it stays, the registry serves another package.',
  },
  {
    found: /E404|ETARGET|ENOVERSIONS/,
    message: 'the package registry does not have it',
    advice:
      'Check that `npm config get registry` names a full registry, or install Node 24.12 or newer yourself.',
  },
  {
    found: /GLIBC|ENOEXEC|cannot execute|not found \(required/i,
    message: 'it does not run on this system',
    advice: 'Install Node 24.12 or newer from https://nodejs.org, then run the command again.',
  },
  {
    found: /spawn npm ENOENT/,
    message: 'npm was not found',
    advice: 'Install Node 24.12 or newer (npm is part of it) from https://nodejs.org.',
  },
]

/**
 * The failure behind an error or the output of a program.
 * @param {string} action what was being done, as `Installing packages`
 * @param {string} output
 */
export function explain(action, output) {
  const cause = causes.find(({ found }) => found.test(output))
  const lines = output.trim().split('\n')
  const tail = lines.slice(-15).join('\n')
  return new Failure(
    `${action} failed: ${cause?.message ?? 'see below'}.`,
    `${cause?.advice ?? 'Read the last lines of the output, mend the cause and run the command again.'}\n\n${tail}`,
  )
}

/** Shows an error of the launcher. */
export function report(error) {
  const failure = error instanceof Failure ? error : explain('Starting', String(error?.stack ?? error))
  say(`\n${failure.message}\n${failure.advice}`)
}
