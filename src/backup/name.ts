/** What the name of a backup tells. */
export interface BackupName {
  name: string
  /** Milliseconds since the epoch. */
  takenAt: number
  /** Which database it is a copy of. */
  installation: string
  encrypted: boolean
}

type Parts = Omit<BackupName, 'name'>

const pattern = /^parley-(\d{4}-\d\d-\d\d)T(\d\d)(\d\d)(\d\d)Z\.([0-9a-f]{8})\.tar\.gz(\.enc)?$/

/** `20261126T203000Z` and the like without signs that some file systems refuse: `2026-11-26T203000Z`. */
const stampOf = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replaceAll(':', '')}Z`

/** `parley-2026-11-26T203000Z.3f9a1c2b.tar.gz`, with `.enc` behind it where it is encrypted; sorted they are in order. */
export const formatName = ({ takenAt, installation, encrypted }: Parts): string =>
  `parley-${stampOf(takenAt)}.${installation}.tar.gz${encrypted ? '.enc' : ''}`

/** `undefined`: a file of somebody else. */
export function parseName(name: string): BackupName | undefined {
  const [, day, hour, minute, second, installation, encrypted] = pattern.exec(name) ?? []
  const takenAt = Date.parse(`${day}T${hour}:${minute}:${second}Z`)
  if (installation === undefined || Number.isNaN(takenAt)) return undefined
  return { name, takenAt, installation, encrypted: encrypted !== undefined }
}

/**
 * Which backups of an installation go so that its `keep` newest are left, and the newest of each of the `keep` latest days (UTC)
 * that have one: however many a day has, they take the place of none of another day. What is not a backup of this installation is
 * not ours to remove, and neither is one that is no older than `newest`, which has just been proven: a clock that was ahead named
 * it, and it takes the place of none.
 */
export function superfluous(names: readonly string[], keep: number, newest: BackupName): string[] {
  const older = names
    .flatMap((name) => parseName(name) ?? [])
    .filter(({ installation, takenAt }) => installation === newest.installation && takenAt < newest.takenAt)
    .toSorted((a, b) => b.takenAt - a.takenAt)
  const all = [newest, ...older]
  const daily = all.filter(({ takenAt }, index) => dayOf(takenAt) !== dayOf(all[index - 1]?.takenAt))
  const left = new Set([...all.slice(0, keep), ...daily.slice(0, keep)])
  return older.filter((each) => !left.has(each)).map(({ name }) => name)
}

const dayMs = 86_400_000
const dayOf = (at = Number.NaN): number => Math.floor(at / dayMs)
