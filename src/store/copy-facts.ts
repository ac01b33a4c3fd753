import { createHash, randomBytes } from 'node:crypto'
import { diagnosed, type Diagnosis, type ParleyError } from '../model/errors.ts'
import type { Applied } from './applied.ts'
import { backupLeases, provenFor } from './backup-contract.ts'
import type { DatabaseFacts } from './copy-contract.ts'

export function factsOf(
  applied: readonly Applied[],
  mark: string | undefined,
  tables: Record<string, number>,
): DatabaseFacts {
  return {
    installation: installationOf(applied, mark),
    migrations: applied.map(({ name }) => name),
    expanding: applied.filter(({ change }) => change === 'expands').map(({ name }) => name),
    tables,
  }
}

/**
 * Which database it is: the mark of the restore it comes from, else the moment of its first migration. Whatever copies a database
 * copies both, so that only a restore tells the two apart that live on after it.
 */
export const installationOf = ([first]: readonly Applied[], mark: string | undefined): string =>
  mark ??
  createHash('sha256')
    .update(first?.at ?? '')
    .digest('hex')
    .slice(0, 8)

/** How a database with these tables is asked for the mark of its restore; `undefined`: it has none. */
export const markIn = (tables: readonly string[]): string | undefined =>
  tables.includes('leases') ? `select holder from leases where name = '${backupLeases.restored}'` : undefined

/**
 * What a copy says is made true for the place it is restored into. A server went on after it was made: what waited to be
 * sent by then was probably sent, and counts as being sent by a process that died, so that `delivery.uncertain` decides.
 * Whoever made the copy is not making it any more. And it is a database of its own from now on, as the one that was copied may
 * live on, and keep its backups in the same place.
 */
export const afterRestore = (): string[] => [
  `update messages set state = 'sending' where state = 'queued'`,
  `delete from leases where name in ('${backupLeases.run}', '${backupLeases.restored}')`,
  `insert into leases (name, holder, until)
    values ('${backupLeases.restored}', '${randomBytes(4).toString('hex')}', ${Date.now() + provenFor})`,
]

export const refusal = (found: string, next: string, cause?: unknown): ParleyError =>
  copyFault('BACKUP_REFUSED', { found, next }, cause)

export function copyFault(
  code: 'BACKUP_REFUSED' | 'BACKUP_FAILED' | 'BACKUP_DAMAGED',
  { found, next }: Diagnosis,
  cause?: unknown,
): ParleyError {
  return diagnosed(code, found, next, cause)
}

/** Nothing that was put aside is ever overwritten. */
export const placeTaken = (aside: string, cause?: unknown): ParleyError =>
  refusal(`What is there cannot be kept as ${aside}: there is one already`, 'run this again', cause)

export const stopFirst =
  "stop it first (Ctrl+C in its terminal, systemctl stop parley 'parley@*', docker compose stop, or scale it to zero), then run this again"
