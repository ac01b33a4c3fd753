import { createHash } from 'node:crypto'
import { diagnosed, type Diagnosis, type ParleyError } from '../model/errors.ts'
import type { Applied } from './applied.ts'
import { backupLeases } from './backup-contract.ts'
import type { DatabaseFacts } from './copy-contract.ts'

export function factsOf(applied: readonly Applied[], tables: Record<string, number>): DatabaseFacts {
  return {
    installation: installationOf(applied[0]?.at ?? ''),
    migrations: applied.map(({ name }) => name),
    expanding: applied.filter(({ change }) => change === 'expands').map(({ name }) => name),
    tables,
  }
}

/** Which database it is: the moment of its first migration, which every copy has. */
export const installationOf = (firstMigrationAt: string): string =>
  createHash('sha256').update(firstMigrationAt).digest('hex').slice(0, 8)

/**
 * What a copy says is made true for the place it is restored into. A server went on after it was made: what waited to be
 * sent by then was probably sent, and counts as being sent by a process that died, so that `delivery.uncertain` decides.
 * And whoever made the copy is not making it any more.
 */
export const afterRestore: readonly string[] = [
  `update messages set state = 'sending' where state = 'queued'`,
  `delete from leases where name = '${backupLeases.run}'`,
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

export const stopFirst =
  'stop it first (systemctl stop parley, docker compose stop, or scale it to zero), then run this again'
