import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Target } from './roll.ts'
import { run } from './run.ts'

const script = readFileSync(join(import.meta.dirname, '../host/set-image.sh'), 'utf8')

/**
 * Nobody is there to answer a question about a key. A quarter of an hour may pass without a word: the line is kept up, and one
 * that is cut is known after two minutes.
 */
const options = [
  'BatchMode=yes',
  'ConnectTimeout=20',
  'ServerAliveInterval=15',
  'ServerAliveCountMax=8',
].flatMap((option) => ['-o', option])

/** A host with Compose. `address`: as ssh takes it; `folder`: where compose.yaml is on it. */
export function createHostTarget(address: string, folder: string): Target {
  const onHost = (...args: string[]): Promise<string> =>
    run('ssh', [...options, address, 'sh', '-s', '--', ...args.map(quoted)], script)
  const imageNow = async (): Promise<string> => (await onHost(folder)).trim()
  let before: string | undefined
  let own: string | undefined
  return {
    async remember() {
      const image = await imageNow()
      before = image
      // Where this deployment's image is not set any more, somebody else's is.
      return image === ''
        ? undefined
        : async () => void (await onHost(folder, image, ...(own === undefined ? [] : [own])))
    },
    async current() {
      const image = await imageNow()
      return image === '' ? [] : [image]
    },
    async set({ reference }) {
      own = reference
      await onHost(folder, reference, ...(before === undefined ? [] : [before]))
    },
  }
}

/** One word of the shell at the other end, which reads the line anew. */
const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`
