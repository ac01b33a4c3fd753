import { chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from '../../support/run/program.ts'
import { createCrashFolder, removeFolder } from './folder.ts'
import { ended, spawnTethered } from './tethered.ts'

/** A disk in memory that can be full. Only programs started `within` it see it, and with the last of them it is gone. */
export interface Disk {
  /** Its folder, for programs within. */
  folder: string
  /** The same folder, for us. */
  outside: string
  /** Words to put before a program that is to see the disk. */
  within: readonly string[]
  /** Takes all space that is left. */
  fill(): Promise<void>
  free(): Promise<void>
  close(): Promise<void>
}

/** Takes what is said to be free, and then writes until nothing fits any more: that it fails is its success. */
const takeAll =
  'fallocate -l $(($(stat -f -c "%a * %S" "${0%/*}"))) "$0"; dd if=/dev/zero of="$0.rest" bs=4k; true'

/** Mounts a tmpfs in a mount name space of its own (unshare(1)); needs to be root. */
export async function createDisk(options: {
  megabytes: number
  account?: { uid: number; gid: number } | undefined
}): Promise<Disk> {
  const { account, megabytes } = options
  const place = createCrashFolder()
  const folder = join(place, 'disk')
  mkdirSync(folder)
  const owner = account ? `,uid=${account.uid},gid=${account.gid}` : ''
  const mount = `mount -t tmpfs -o size=${megabytes}m,mode=0700${owner} tmpfs "$0" && echo mounted && exec sleep infinity`
  const keeper = spawnTethered(
    ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', mount, folder],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  if (account) chownSync(place, account.uid, account.gid)
  await mounted(keeper)
  const within = ['nsenter', `--mount=/proc/${keeper.pid}/ns/mnt`, '--']
  const ballast = join(folder, 'ballast')
  return {
    folder,
    outside: `/proc/${keeper.pid}/root${folder}`,
    within,
    fill: async () => void (await runProgram([...within, 'sh', '-c', takeAll, ballast])),
    free: async () => void (await runProgram([...within, 'rm', '-f', ballast, `${ballast}.rest`])),
    async close() {
      keeper.kill('SIGKILL')
      await ended(keeper)
      await removeFolder(place)
    },
  }
}

async function mounted(keeper: ReturnType<typeof spawnTethered>): Promise<void> {
  let output = ''
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const read = (bytes: Buffer): void => {
    output += bytes.toString()
    if (output.includes('mounted')) resolve()
  }
  keeper.stdout?.on('data', read)
  keeper.stderr?.on('data', read)
  keeper.once('error', reject)
  keeper.once('exit', () => reject(new Error(`No disk in memory could be mounted; root may. ${output}`)))
  await promise
}
