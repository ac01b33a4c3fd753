import { z } from 'zod'
import { damaged } from './fault.ts'

/** Where the manifest stands in an archive: first. */
export const manifestPath = 'manifest.json'

const mostBytes = 1024 * 1024

/** A path below the folder it is unpacked into, and nowhere else. */
const path = z.string().refine(isBelow)
function isBelow(found: string): boolean {
  return !/[\p{Cc}\\]/u.test(found) && found.split('/').every((name) => !/^\.{0,2}$/.test(name))
}
const count = z.int().min(0)

const manifest = z.object({
  format: z.literal(1),
  takenAt: z.iso.datetime(),
  /** Of Parley, which made it. */
  version: z.string(),
  commit: z.string(),
  /** Which database it is a copy of: the same for all copies, and for what was restored from one. */
  installation: z.string().regex(/^[0-9a-f]{8}$/),
  database: z.object({
    kind: z.enum(['sqlite', 'postgres']),
    /** Names, in their order. */
    migrations: z.array(z.string()).min(1),
    /** Those that let versions go on which do not know them. */
    expanding: z.array(z.string()).default([]),
    /** Rows by table. */
    tables: z.record(z.string(), count),
  }),
  files: z.array(z.object({ path, bytes: count, sha256: z.string().regex(/^[0-9a-f]{64}$/) })),
})

/** What is in a backup. */
export type Manifest = z.output<typeof manifest>

/** What whoever makes one says about it. */
export type About = Omit<Manifest, 'format' | 'files'>

export const writeManifest = (content: Manifest): Buffer =>
  Buffer.from(`${JSON.stringify(content, null, 2)}\n`)

export function parseManifest(bytes: Buffer): Manifest {
  const found = manifest.safeParse(jsonOf(bytes))
  if (found.success) return found.data
  throw damaged(`its ${manifestPath} is not one of this version of Parley`)
}

export function requireShort(bytes: number): void {
  if (bytes > mostBytes) throw damaged(`its ${manifestPath} is too long`)
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return undefined // The schema refuses that as well.
  }
}
