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

/** Pages for those who run a bot. */
export const operating = [
  ...readdirSync(join(root, 'docs/runbooks')).map((name) => `docs/runbooks/${name}`),
  'docs/guides/monitoring.md',
]

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
