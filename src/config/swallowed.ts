import type { Environ } from './env.ts'

/** Options npm may have taken, by the name it keeps them under; `-c` is its own `--call`. */
const options: readonly [name: string, instead: (value: string, program: string) => string][] = [
  ['port', (value) => `PORT=${value} npm start`],
  ['host', (value) => `HOST=${value} npm start`],
  ['role', (value, program) => `${program} --role ${value}`],
  ['config', (value, program) => `${program} --config ${value}`],
  ['call', (value, program) => `${program} --config ${value}`],
]

/**
 * What somebody should write who wrote `npm start --port 9000`: npm takes options before `--` for its own, and tells us
 * the value (`--port=9000`) or passes it on as an argument.
 */
export function swallowedByNpm(env: Environ, args: readonly string[] = []): string[] {
  const program = env['npm_lifecycle_event'] === 'parley' ? 'npm run parley -- …' : 'npm start --'
  return options.flatMap(([name, instead]) => {
    const kept = env[`npm_config_${name}`]
    if (!kept) return []
    const value = kept === 'true' ? (args.at(-1) ?? '') : kept
    return [instead(/^[\w./:-]+$/.test(value) ? value : '…', program)]
  })
}
