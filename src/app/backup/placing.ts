import { constants, createReadStream, existsSync } from 'node:fs'
import { copyFile, link, mkdir, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { digestOf, syncFolder, writeDurably } from '../../backup/archive.ts'
import { backupFault, codeOf, ofFileSystem, reasonOf } from '../../backup/fault.ts'

/** Files that take their places one after the other, each in one step, and can all be taken back. */
export interface Placing {
  /** Where what was there is kept. */
  readonly aside: readonly string[]
  /** What is there goes aside; `from` is used up. */
  put(from: string, to: string, sha256: string): Promise<void>
  /** A file where there is none. */
  add(to: string, content: Buffer): Promise<void>
  /** Tells what could not be taken back. */
  undo(): Promise<string[]>
}

/** What goes aside gets a name with `stamp` in it. */
export function createPlacing(stamp: string): Placing {
  const aside: string[] = []
  const back: { to: string; work: () => Promise<unknown> }[] = []
  /** Makes folders, does its work, and waits for the disk. */
  const placed = async (to: string, work: () => Promise<void>): Promise<void> => {
    try {
      await mkdir(dirname(to), { recursive: true, mode: 0o700 })
      await work()
      await syncFolder(dirname(to))
    } catch (error) {
      throw ofFileSystem(error, dirname(to))
    }
  }
  return {
    aside,
    put: (from, to, sha256) =>
      placed(to, async () => {
        const kept = `${to}.before-${stamp}`
        if (!existsSync(to)) back.push({ to, work: () => rm(to, { force: true }) })
        else if (await isOther(to, sha256)) {
          await keep(to, kept)
          aside.push(kept)
          back.push({ to, work: () => rename(kept, to) })
        }
        await move(from, to)
      }),
    add: (to, content) =>
      placed(to, async () => {
        const draft = `${to}.restore`
        await rm(draft, { force: true })
        await writeDurably(draft, Readable.from([content]))
        back.push({ to, work: () => rm(to, { force: true }) })
        await rename(draft, to)
      }),
    async undo() {
      const left: string[] = []
      for (const { to, work } of back.toReversed())
        await work().catch((error: unknown) => left.push(`${to} (${reasonOf(error)})`))
      return left
    },
  }
}

async function isOther(path: string, sha256: string): Promise<boolean> {
  return (await digestOf(createReadStream(path))) !== sha256
}

/** Never a moment without a file where one was, and none overwritten. Not every file system has links. */
async function keep(path: string, kept: string): Promise<void> {
  try {
    await link(path, kept).catch(() => copyFile(path, kept, constants.COPYFILE_EXCL))
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    throw backupFault(
      'BACKUP_REFUSED',
      `${path} cannot be kept as ${kept}: there is one already`,
      'run this again',
      error,
    )
  }
}

/** Between disks a file is copied beside its place first. */
async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error
    await copyFile(from, `${to}.restore`)
    await rename(`${to}.restore`, to)
  }
}
