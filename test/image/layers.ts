import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { z } from 'zod'
import { run } from '../../deploy/steps/run.ts'
import { findProgram } from '../support/run/next-release.ts'
import type { Check } from './check.ts'
import type { Engine } from './engine.ts'

const root = join(import.meta.dirname, '../..')
const planted = 'etc/planted'
/** Of the shape of a bot's token. */
const madeUp = `7123456789:${'AA-planted-in-a-layer-to-be-found'.padEnd(35, '0')}\n`

/** The first layer of our Dockerfile brings it. Those before are of the image of Node, as everybody gets it. */
const broughtFirst = 'usr/bin/ffmpeg'

/** Nothing secret is in any layer, also not in one that a later one hides. What is planted in one more layer must be found. */
export async function checkLayers(engine: Engine, image: string, check: Check): Promise<void> {
  const gitleaks = findProgram('gitleaks', 'GITLEAKS_PATH')
  if (gitleaks === undefined) return check('gitleaks is there (set GITLEAKS_PATH)', false)
  const folder = mkdtempSync(join(tmpdir(), 'parley-layers-'))
  const copy = `localhost/parley-planted:${process.pid}`
  try {
    await plant(engine, image, copy, folder)
    const last = await countLayers(engine, image)
    const layers = await listLayers(engine, copy, folder)
    const first = layers.findIndex(({ paths }) => paths.has(broughtFirst))
    const missing = await unpack(layers.slice(first))
    const count = layers.slice(first, last).reduce((sum, { paths }) => sum + paths.size, 0)
    check(
      `all ${count} files of ${last - first} layers of our own are unpacked${named(missing)}`,
      first > 0 &&
        layers.length === last + 1 &&
        missing.length === 0 &&
        layers.some(({ paths }) => paths.has('app/src/main.ts')),
    )
    const found = await findSecrets(gitleaks, folder)
    const isPlanted = (path: string): boolean => path === `${last}/${planted}`
    check('a secret in one more layer is found', found.some(isPlanted))
    const others = found.filter((path) => !isPlanted(path))
    check(`no secret in the others${named(others)}`, others.length === 0)
  } catch (error) {
    check(error instanceof Error ? error.message : String(error), false)
  } finally {
    rmSync(folder, { recursive: true, force: true })
    await engine.call('image', 'rm', '--force', copy).catch(() => 'It was not made.')
  }
}

const named = (paths: readonly string[]): string =>
  paths.length === 0 ? '' : `, but ${paths.slice(0, 5).join(', ')}`

/** Makes the image once more, with a layer that has a secret. */
async function plant(engine: Engine, image: string, as: string, folder: string): Promise<void> {
  writeFileSync(join(folder, 'planted'), madeUp)
  const container = await engine.call('create', image)
  try {
    await engine.call('cp', join(folder, 'planted'), `${container}:/${planted}`)
    await engine.call('commit', container, as)
  } finally {
    await engine.call('rm', '--force', '--volumes', container)
  }
}

const inspected = z.tuple([z.looseObject({ RootFS: z.looseObject({ Layers: z.array(z.string()) }) })])

async function countLayers(engine: Engine, image: string): Promise<number> {
  const [{ RootFS }] = inspected.parse(JSON.parse(await engine.call('image', 'inspect', image)))
  return RootFS.Layers.length
}

interface Layer {
  archive: string
  /** Where it is unpacked. */
  place: string
  /** Its files and links. */
  paths: Set<string>
}

const manifest = z.tuple([z.looseObject({ Layers: z.array(z.string()) })])
/** Nodes of devices, which only root may make. */
const devices = /^dev\/./

/** All layers of an image, each with a folder of its number. */
async function listLayers(engine: Engine, image: string, folder: string): Promise<Layer[]> {
  await engine.call('save', '--output', join(folder, 'image.tar'), image)
  await run('tar', ['-xf', join(folder, 'image.tar'), '-C', folder])
  const [{ Layers: archives }] = manifest.parse(
    JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')),
  )
  const list = async (name: string, index: number): Promise<Layer> => {
    const archive = join(folder, name)
    const listed = await run('tar', ['--quoting-style=literal', '-tf', archive])
    const paths = listed.split('\n').map((path) => path.replace(/^\.?\//, ''))
    const isFile = (path: string): boolean => path !== '' && !path.endsWith('/') && !devices.test(path)
    return { archive, place: join(folder, 'files', String(index)), paths: new Set(paths.filter(isFile)) }
  }
  return Promise.all(archives.map(list))
}

/** Returns what is not there afterwards. */
async function unpack(layers: readonly Layer[]): Promise<string[]> {
  const missing: string[] = []
  for (const { archive, place, paths } of layers) {
    mkdirSync(place, { recursive: true })
    const how = ['--no-same-owner', '--anchored', '--exclude=dev/*', '--exclude=./dev/*']
    await run('tar', ['-xf', archive, '-C', place, ...how])
    const isThere = (path: string): boolean =>
      lstatSync(join(place, path), { throwIfNoEntry: false }) !== undefined
    missing.push(...[...paths].filter((path) => !isThere(path)))
  }
  return missing
}

const report = z.array(z.looseObject({ File: z.string() }))

/** Where something looks like a secret: number of the layer, and path in it. */
async function findSecrets(gitleaks: string, folder: string): Promise<string[]> {
  const [source, told] = [join(folder, 'files'), join(folder, 'report.json')]
  const config = ['--config', join(root, '.gitleaks.toml'), '--redact', '--exit-code', '0']
  const how = ['--no-git', '--no-banner', '--report-format', 'json', '--report-path', told]
  await run(gitleaks, ['detect', ...how, ...config, '--source', source])
  const findings = report.parse(JSON.parse(readFileSync(told, 'utf8')))
  return [...new Set(findings.map(({ File: path }) => relative(source, path)))]
}
