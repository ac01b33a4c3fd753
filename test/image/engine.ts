import { run } from '../../deploy/steps/run.ts'

/** Docker, or podman, which takes the same words. */
export interface Engine {
  /** Runs the engine's program; resolves with what it printed. */
  call(...args: string[]): Promise<string>
  /** Starts the image as an orchestrator would: a root it cannot write, no rights, little room. Resolves with its name. */
  start(options: StartOptions): Promise<string>
  /** Runs a program of the image to its end, beside no network. */
  try(program: string, ...args: string[]): Promise<string>
}

export interface StartOptions {
  port: number
  volume: string
  /** Settings besides those that every installation has. */
  env: Record<string, string>
}

/** Of the shape production asks for. */
const secretKey = 'image-of-tests-mR7vQ2xK9wLp4TzBhG5nW8cY3sJd6FqV'
const restricted = [
  '--read-only',
  '--tmpfs',
  '/tmp',
  '--cap-drop',
  'ALL',
  '--security-opt',
  'no-new-privileges',
]
const room = ['--memory', '768m', '--pids-limit', '128']

export function createEngine(program: string, image: string): Engine {
  const call = async (...args: string[]): Promise<string> => (await run(program, args)).trim()
  return {
    call,
    async start({ port, volume, env: more }) {
      const name = `parley-image-${process.pid}-${port}`
      const env = {
        HOST: '127.0.0.1',
        PORT: String(port),
        TRUST_PROXY: 'true',
        SECRET_KEY: secretKey,
        ...more,
      }
      const given = Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`])
      const place = ['--name', name, '--network', 'host', '--volume', `${volume}:/data`]
      await call('run', '--detach', ...place, ...restricted, ...room, ...given, image)
      return name
    },
    try: (entry, ...args) =>
      call('run', '--rm', '--network', 'none', ...restricted, '--entrypoint', entry, image, ...args),
  }
}
