import { existsSync, readFileSync } from 'node:fs'
import { join, matchesGlob } from 'node:path'

const root = join(import.meta.dirname, '../..')
const launcher = readFileSync(join(root, 'bin/prepare/paths.mjs'), 'utf8')
/** The Node that the launcher installs where there is none. */
const nodeVersion = /privateVersion = '([\d.]+)'/.exec(launcher)?.[1]

interface Instruction {
  name: string
  /** Its words, flags left out. */
  words: string[]
  text: string
  /** Which of the stages it belongs to, from 0. */
  stage: number
}

/** The instructions of a Dockerfile, lines joined. */
export function readDockerfile(text: string): Instruction[] {
  let stage = -1
  return text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name = '', rest = ''] = /^\s*(\w+)\s+(.*)$/.exec(line) ?? []
      if (name === 'FROM') stage += 1
      const words = rest.split(/\s+/).filter((word) => !word.startsWith('--'))
      return { name, words, text: rest, stage }
    })
}

/** What of the build's folder an instruction of the last stage puts where: `['bin', 'bin']`. */
export const copiedFromFolder = (instructions: readonly Instruction[], stages: 'all' | 'last'): string[] => {
  const last = instructions.at(-1)?.stage
  return instructions
    .filter(
      ({ name, text, stage }) =>
        name === 'COPY' && !text.includes('--from=') && (stages === 'all' || stage === last),
    )
    .flatMap(({ words }) => words.slice(0, -1))
}

/** Whether `.dockerignore` lets a path of the folder into the build; the last line that fits decides. */
export function createFilter(dockerignore: string): (path: string) => boolean {
  const lines = dockerignore.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return (path) => {
    let isIn = true
    for (const line of lines) {
      const pattern = line.replace(/^!/, '')
      if (matchesGlob(path, pattern) || isBelow(path, pattern)) isIn = line.startsWith('!')
    }
    return isIn
  }
}

const isBelow = (path: string, pattern: string): boolean =>
  path
    .split('/')
    .some((_, index, parts) => index > 0 && matchesGlob(parts.slice(0, index).join('/'), pattern))

/** What is wrong with the Dockerfile, a line each. */
export function checkDockerfile(text: string, dockerignore: string): string[] {
  const instructions = readDockerfile(text)
  const last = instructions.filter(({ stage }) => stage === instructions.at(-1)?.stage)
  const valueOf = (name: string): string | undefined => last.findLast((each) => each.name === name)?.text
  const isIn = createFilter(dockerignore)
  const sources = copiedFromFolder(instructions, 'all')
  return [
    ...bases(instructions),
    ...sources
      .filter((path) => !existsSync(join(root, path)))
      .map((path) => `COPY ${path}, which is not there`),
    ...sources.filter((path) => !isIn(path)).map((path) => `COPY ${path}, which .dockerignore keeps out`),
    ...(valueOf('USER') === 'node' ? [] : ['it does not end as USER node']),
    ...(valueOf('ENTRYPOINT') === '["parley"]' ? [] : ['process 1 is not parley itself (ENTRYPOINT)']),
    ...(/^.*CMD \["node",/.test(valueOf('HEALTHCHECK') ?? '') ? [] : ['its HEALTHCHECK is not by node']),
    ...(valueOf('VOLUME') === '/data' && valueOf('EXPOSE') === '8000'
      ? []
      : ['/data or port 8000 is missing']),
    ...forbidden(instructions),
  ]
}

function bases(instructions: readonly Instruction[]): string[] {
  const images = instructions.flatMap(({ name, words }) => (name === 'FROM' ? [words[0] ?? ''] : []))
  const given = instructions.find(({ name, text }) => name === 'ARG' && text.startsWith('NODE_IMAGE='))
  const expected = new RegExp(`^NODE_IMAGE=node:${nodeVersion}-\\w+-slim$`)
  return [
    ...images
      .filter((image) => image !== '${NODE_IMAGE}')
      .map((image) => `FROM ${image}, not \${NODE_IMAGE}`),
    ...(expected.test(given?.text ?? '')
      ? []
      : [`NODE_IMAGE is not node:${nodeVersion}-…-slim, the Node of the launcher`]),
  ]
}

function forbidden(instructions: readonly Instruction[]): string[] {
  return instructions.flatMap(({ name, text }) => [
    ...(name === 'ADD' ? ['ADD fetches and unpacks unasked; use COPY'] : []),
    ...(text.includes('<<') || text.includes('--link') ? [`${name} uses what not every builder knows`] : []),
    ...((name === 'ARG' || name === 'ENV') && /TOKEN|SECRET|PASSWORD|KEY/.test(text)
      ? [`${name} ${text} keeps a secret in the image`]
      : []),
    ...(name === 'RUN' && /npm (ci|install)/.test(text) && !/npm ci .*--ignore-scripts/.test(text)
      ? ['packages are not installed by npm ci --ignore-scripts']
      : []),
    ...(name === 'RUN' && /curl|wget/.test(text) ? ['RUN fetches what nobody checked'] : []),
    ...(name === 'COPY' && /(^|\s)\.(\/)?(\s|$)/.test(text.replace(/\s\.\/$/, ''))
      ? ['COPY . takes whatever lies about']
      : []),
  ])
}

export const dockerfile = readFileSync(join(root, 'deploy/docker/Dockerfile'), 'utf8')
export const dockerignore = readFileSync(join(root, '.dockerignore'), 'utf8')
