// What a release is called and says, for the workflow: see usage.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readRelease } from './steps/notes.ts'

const usage = `Usage: npm run node -- deploy/release.ts v1.2.3 COMMIT [NOTES]

Checks that package.json and CHANGELOG.md agree with the tag, prints version= and tag= (also to $GITHUB_OUTPUT, where that
is set), and writes the notes of the release to the file NOTES.
Exit codes: 0 they agree, 1 they do not, 2 wrong usage.`

const root = join(import.meta.dirname, '..')
const read = (name: string): string => readFileSync(join(root, name), 'utf8')

const [gitTag, commit, path] = process.argv.slice(2)
if (gitTag === undefined || commit === undefined) {
  process.stderr.write(`${usage}\n`)
  process.exitCode = 2
} else {
  try {
    const packageVersion = String(Object(JSON.parse(read('package.json'))).version)
    const { version, tag, notes } = readRelease({
      gitTag,
      commit,
      packageVersion,
      changelog: read('CHANGELOG.md'),
    })
    const outputs = `version=${version}\ntag=${tag}\n`
    process.stdout.write(outputs)
    const file = process.env['GITHUB_OUTPUT']
    if (file) appendFileSync(file, outputs)
    if (path !== undefined) writeFileSync(path, `${notes}\n`)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}
