import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A block of commands in a page of the documentation. */
export interface Block {
  path: string
  /** The heading above it. */
  heading: string
  text: string
  /** Its first command, to name it by. */
  first: string
  /** What it says that it needs; `undefined`: nothing, so it is run. */
  needs: string | undefined
}

const root = join(import.meta.dirname, '../..')

const pagesIn = (folder: string): string[] =>
  readdirSync(join(root, folder)).map((name) => `${folder}/${name}`)

/** Pages about getting a bot to where it runs. */
export const deploying = ['kubernetes', 'releases', 'deployment'].map((name) => `docs/guides/${name}.md`)
/** Pages for those who run a bot: all others. */
export const operating = [...pagesIn('docs/runbooks'), ...pagesIn('docs/guides')].filter(
  (path) => !deploying.includes(path),
)

/** The blocks of a page, by its path from the root. */
export function blocksOf(path: string): Block[] {
  const page = readFileSync(join(root, path), 'utf8')
  return [...page.matchAll(/^```sh\n([^]*?)^```$/gm)].map(({ 1: text = '', index }) => ({
    path,
    heading: headingOf(page.slice(0, index)),
    text,
    first: text.split('\n').find((line) => !line.startsWith('#')) ?? '',
    needs: /^# needs (.*)$/m.exec(text.split('\n', 1)[0] ?? '')?.[1],
  }))
}

const headingOf = (before: string): string =>
  [...before.replaceAll(/^```[^]*?^```$/gm, '').matchAll(/^#+ (.*)$/gm)].at(-1)?.[1] ?? ''
