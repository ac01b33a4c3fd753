import { spawnSync } from 'node:child_process'
import { blocksOf } from './blocks.ts'

/** Puts a new secret into a file by the commands of the runbook, as they stand there; throws what they say when they fail. */
export function changeSecret(path: string, value: string): void {
  const block = blocksOf('docs/runbooks/key-rotation.md').find(({ text }) => text.includes('${NEW:?}'))
  const script = block?.text.replace(/^file=\S+/m, () => `file='${path}'`) ?? ''
  if (!script.includes(path)) throw new Error('The runbook does not say how a secret is changed')
  // The next secret that is asked for must not be this one.
  const forgotten = '[ -z "${NEW+set}" ] || { echo "NEW is known still" >&2; exit 1; }'
  const { status, stderr } = spawnSync('bash', ['-e', '-c', `${script}${forgotten}`], {
    env: { PATH: process.env.PATH ?? '', NEW: value },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
}
