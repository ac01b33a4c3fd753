import { backupFault } from '../../backup/fault.ts'
import { newId } from '../../model/ids.ts'
import { backupLeases, type Store } from '../../store/store.ts'

const leaseMs = 60_000

/** Does `work` while no other process of this installation takes a backup; a killed one is in the way for a minute. */
export async function alone<T>(store: Pick<Store, 'write'>, work: () => Promise<T>): Promise<T> {
  const holder = `backup-${newId()}`
  const hold = (): Promise<boolean> =>
    store.write((tx) => tx.leases.hold(backupLeases.run, holder, Date.now(), Date.now() + leaseMs))
  if (!(await hold()))
    throw backupFault(
      'BACKUP_REFUSED',
      'Another backup is being taken, or one was killed less than a minute ago',
      'wait for it; parley backup list shows when it is done',
    )
  // A database that is away meanwhile is met by the work itself.
  const beating = setInterval(() => void hold().catch(() => undefined), leaseMs / 3)
  try {
    return await work()
  } finally {
    clearInterval(beating)
    await store.write((tx) => tx.leases.release(backupLeases.run, holder)).catch(() => undefined)
  }
}
