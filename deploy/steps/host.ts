import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loud } from './loud.ts'
import type { Target } from './roll.ts'
import { run } from './run.ts'

const read = (name: string): string => readFileSync(join(import.meta.dirname, '../host', name), 'utf8')
const preparing = read('prepare.sh')
const setting = read('set-image.sh')

/**
 * Nobody is there to answer a question about a key. Hours may pass without a word: the line is kept up, and one
 * that is cut is known after two minutes.
 */
const options = [
  'BatchMode=yes',
  'ConnectTimeout=20',
  'ServerAliveInterval=15',
  'ServerAliveCountMax=8',
].flatMap((option) => ['-o', option])

/**
 * A host with Compose. `address`: as ssh takes it; `folder`: where compose.yaml is on it. `say` is told what beside the version is
 * not well, which holds none up.
 */
export function createHostTarget(address: string, folder: string, say: (line: string) => void): Target {
  const onHost = (script: string, args: string[], stopped?: AbortSignal): Promise<string> =>
    run('ssh', [...options, address, 'sh', '-s', '--', ...args.map(quoted)], script, stopped)
  /** Sets an image, where `before` is set still. */
  const setOnHost = async (
    image: string,
    before: string | undefined,
    stopped?: AbortSignal,
  ): Promise<void> => {
    const args = [folder, image, ...(before === undefined ? [] : [before])]
    const printed = await onHost(setting, args, stopped)
    for (const line of printed.split('\n')) if (line.startsWith('WARNING: ')) say(loud(line))
  }
  const imageNow = async (): Promise<string> => (await onHost(setting, [folder])).trim()
  let before: string | undefined
  let own: string | undefined
  return {
    async remember() {
      const image = await imageNow()
      before = image
      // Where this deployment's image is not set any more, somebody else's is.
      return image === '' ? undefined : () => setOnHost(image, own)
    },
    async current() {
      const image = await imageNow()
      return image === '' ? [] : [image]
    },
    async prepare({ reference }, say, stopped) {
      say(`schema: migrate up --expanding on ${address}; cut off, it goes on over there, and nothing is set`)
      await onHost(preparing, [folder, reference], stopped)
    },
    // Cut off, the script goes on over there; it holds a lock, behind which the way back waits.
    async set({ reference }, stopped) {
      own = reference
      await setOnHost(reference, before, stopped)
    },
  }
}

/** One word of the shell at the other end, which reads the line anew. */
const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`
