import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { imageOf, type Release } from './release.ts'

/** A release that must not stay. */
export interface Broken {
  what: string
  release: Release
  /** It is found out by waiting. */
  isNeverReady: boolean
}

const commit = 'bad'.repeat(14).slice(0, 40)

export function breakages({ folder, to }: { folder: string; to: Release }): Broken[] {
  /** A release whose program is this one line. */
  const programmed = (version: string, line: string): Release => {
    const main = join(folder, `broken-${version}.ts`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(main, `${line}\n`)
    return { image: imageOf(version, commit), main }
  }
  const like = (version: string, env: Record<string, string>): Release => ({
    ...to,
    image: imageOf(version, commit),
    env: { ...to.env, ...env },
  })
  return [
    {
      what: 'ends at once',
      release: programmed('0.0.1', "throw new Error('An import of this version is missing.')"),
      isNeverReady: false,
    },
    {
      what: 'has a bad configuration',
      release: like('0.0.2', { DATABASE_POOL_MAX: 'many' }),
      isNeverReady: false,
    },
    {
      what: 'is never ready',
      release: programmed('0.0.3', 'setInterval(() => undefined, 1000)'),
      isNeverReady: true,
    },
    // All of it is set before that is seen: yesterday's code under today's tag.
    { what: 'is not the version it is called', release: like('0.0.4', {}), isNeverReady: false },
  ]
}
