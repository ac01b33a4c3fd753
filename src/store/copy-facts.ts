import { createHash } from 'node:crypto'
import { type Diagnosis, ParleyError } from '../model/errors.ts'
import { backupLeases } from './backup-contract.ts'

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
  return new ParleyError(code, found, { diagnosis: { found: `${found} (${code})`, next }, cause })
}

export const stopFirst =
  'stop it first (systemctl stop parley, docker compose stop, or scale it to zero), then run this again'
