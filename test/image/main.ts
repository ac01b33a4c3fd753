// Builds the image and proves what is promised of it: npm run test:image -- [--engine docker] [--image NAME]
import { parseArgs } from 'node:util'
import { readVersion } from '../../src/ops/version.ts'
import { run } from '../../deploy/steps/run.ts'
import { meetNeeds, needs } from '../support/run/needs.ts'
import { checkContents } from './contents.ts'
import { createEngine } from './engine.ts'
import { checkRunning } from './running.ts'

const usage = `Usage: npm run test:image -- [--engine docker|podman] [--image NAME] [--node-image NAME]

Builds the image of this folder (with --image: takes one that is there) and shows that it runs as a user without rights on a
root it cannot write, answers, loses nothing when it is killed, and holds no secret and nothing of development.
With podman it is built by buildah; --node-image names another image of Node to build on.
`

const { values: options } = parseArgs({
  options: {
    engine: { type: 'string', default: 'docker' },
    image: { type: 'string' },
    'node-image': { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
})

async function build(engine: string): Promise<string> {
  const { version, commit } = readVersion()
  const tag = `localhost/parley:${version}-${commit.slice(0, 12)}`
  const builder =
    engine === 'podman' ? ['buildah', 'bud', '--format', 'docker', '--layers'] : [engine, 'build']
  const given = { COMMIT: commit, BUILT_AT: new Date().toISOString(), NODE_IMAGE: options['node-image'] }
  const args = Object.entries(given).flatMap(([name, value]) =>
    value ? ['--build-arg', `${name}=${value}`] : [],
  )
  const [program = '', ...rest] = [...builder, ...isolation(), ...args]
  process.stdout.write(`building ${tag} …\n`)
  await run(program, [...rest, '-f', 'deploy/docker/Dockerfile', '-t', tag, '.'])
  return tag
}

/** What a machine needs besides, as `--isolation chroot --network host`. */
const isolation = (): string[] => (process.env['BUILD_OPTIONS'] ?? '').split(' ').filter(Boolean)

let failed = 0
let passed = 0
const check = (what: string, isSo: boolean): void => {
  if (isSo) passed += 1
  else failed += 1
  if (!isSo) process.exitCode = 1
  process.stdout.write(`${isSo ? 'ok  ' : 'FAIL'}  ${what}\n`)
}

if (options.help) process.stdout.write(usage)
else {
  await meetNeeds(needs.filter(({ name }) => name === 'Gitleaks'))
  const image = options.image ?? (await build(options.engine))
  const engine = createEngine(options.engine, image)
  await checkContents(engine, image, check)
  await checkRunning(engine, check)
  process.stdout.write(`${passed} passed, ${failed} failed\n`)
}
