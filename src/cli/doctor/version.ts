import { limited, type Running } from '../../app/running.ts'
import { readVersion } from '../../ops/version.ts'
import { fail, type Item, ok, warn } from './item.ts'

/** What runs is what was meant to: as `--expect` says, or what is installed here. A text is an answer that names no version. */
export function judgeVersion(
  answers: readonly (Running | string)[],
  expected: string | undefined,
  where: string,
): Item {
  if (answers.includes(limited))
    return (expected === undefined ? warn : fail)(
      'version',
      `not told at ${where}: it was asked too often from here`,
      'wait a minute, then run parley doctor again',
    )
  const own = readVersion()
  const seen = [...new Set(answers.map((each) => (typeof each === 'string' ? each : nameOf(each))))]
  const shown = `${seen.join(' and ')} ${seen.length === 1 ? 'runs' : 'answer'} at ${where}`
  if (expected !== undefined)
    return answers.every((each) => typeof each !== 'string' && isExpected(each, expected))
      ? ok('version', shown)
      : fail('version', `${shown}, expected is ${expected}`, deployAgain)
  if (seen.every((each) => each === nameOf(own))) return ok('version', shown)
  return warn(
    'version',
    `${shown}, installed here is ${nameOf(own)}`,
    'restart it, or set the new version there',
  )
}

const deployAgain =
  'set that version again and restart what runs (docs/guides/releases.md); of images see which one the processes have, and that its tag never moves'

const nameOf = ({ version, commit }: Running): string => `${version} (${commit.slice(0, 12)})`

/** `0.2.0`, `0.2.0-0a1b2c3d4e5f` as images are tagged, or a commit of seven characters and more. */
export function isExpected({ version, commit }: Running, expected: string): boolean {
  const wanted = expected.replace(/^v(?=\d)/, '')
  if (wanted === version) return true
  const hash = wanted.startsWith(`${version}-`) ? wanted.slice(version.length + 1) : wanted
  return /^[0-9a-f]{7,40}$/.test(hash) && commit.startsWith(hash)
}
