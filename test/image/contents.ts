import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Check } from './check.ts'
import type { Engine } from './engine.ts'
import { checkLayers } from './layers.ts'

const root = join(import.meta.dirname, '../..')
/** Above it somebody has put in what does not belong. */
const largestBytes = 900e6

const inspected = z.tuple([
  z.looseObject({
    Size: z.number(),
    Config: z.looseObject({
      User: z.string(),
      Entrypoint: z.array(z.string()).nullish(),
      Cmd: z.array(z.string()).nullish(),
      Env: z.array(z.string()),
      ExposedPorts: z.record(z.string(), z.unknown()),
      Labels: z.record(z.string(), z.string()),
    }),
  }),
])

/** What an image is and has in it, without running the product. */
export async function checkContents(engine: Engine, image: string, check: Check): Promise<void> {
  const [{ Size: size, Config: config }] = inspected.parse(
    JSON.parse(await engine.call('image', 'inspect', image)),
  )
  check(`its size is ${Math.round(size / 1e6)} MB`, size < largestBytes)
  check('its user is node', config.User === 'node')
  check(
    'it starts parley',
    `${[...(config.Entrypoint ?? []), ...(config.Cmd ?? [])].join(' ')}` === 'parley start',
  )
  check('its port is 8000', Object.keys(config.ExposedPorts).join() === '8000/tcp')
  check(
    'no secret is in its environment',
    !config.Env.some((each) => /KEY|TOKEN|SECRET|PASSWORD|_URL/.test(each)),
  )
  await checkPackages(engine, check)
  await checkPrograms(engine, check)
  await checkLayers(engine, image, check)
}

const lock = z.object({
  packages: z.record(z.string(), z.object({ dev: z.boolean().optional(), version: z.string().optional() })),
})
const locked = lock.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))).packages
const developmentOnly = Object.keys(locked).filter((path) => locked[path]?.dev === true)

async function checkPackages(engine: Engine, check: Check): Promise<void> {
  const installed = lock.parse(
    JSON.parse(await engine.try('cat', '/app/node_modules/.package-lock.json')),
  ).packages
  const found = developmentOnly.filter((path) => path in installed)
  check(
    `none of ${developmentOnly.length} packages of development${found.length > 0 ? `: ${found.join()}` : ''}`,
    found.length === 0,
  )
  const files = await engine.try(
    'find',
    '/app',
    '-path',
    '*/node_modules',
    '-prune',
    '-o',
    '-type',
    'f',
    '-print',
  )
  const stray = files
    .split('\n')
    .filter((path) => /\.test\.|\/test\/|\/\.(?!cache)|secret\.env$|^\/app\/web\//.test(path))
  check(`nothing but what runs${stray.length > 0 ? `: ${stray.slice(0, 5).join()}` : ''}`, stray.length === 0)
  for (const path of [
    '/app/dist/web/index.html',
    '/app/dist/build.json',
    '/app/deploy/kubernetes/base/service.yaml',
  ])
    check(`${path} is there`, files.includes(path))
}

async function checkPrograms(engine: Engine, check: Check): Promise<void> {
  const sh = (script: string): Promise<string> => engine.try('sh', '-c', script)
  check('no npm', (await sh('command -v npm npx yarn corepack || echo none')) === 'none')
  // As a voice note is heard.
  const voice =
    'ffmpeg -v error -f lavfi -i sine=duration=2 -c:a libopus /tmp/a.ogg && ffmpeg -v error -i /tmp/a.ogg -ar 16000 -ac 1 /tmp/a.wav && wc -c </tmp/a.wav'
  check('ffmpeg turns a voice note into what a transcription takes', Number(await sh(voice)) > 60_000)
  const tools = await sh('pg_dump --version; pg_restore --version; psql --version')
  check(`the tools of PostgreSQL ${/\d+/.exec(tools)?.[0]}`, tools.split('\n').length === 3)
}
