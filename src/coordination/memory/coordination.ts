import type { Coordination } from '../coordination.ts'
import { createMemoryAllowances } from './allowances.ts'
import { createMemoryBus } from './bus.ts'
import { createMemoryCounters } from './counters.ts'
import { createMemoryDoorbell } from './doorbell.ts'

/** Coordination inside one process. */
export function createMemoryCoordination(): Coordination {
  const doorbell = createMemoryDoorbell()
  return {
    doorbell,
    bus: createMemoryBus(),
    counters: createMemoryCounters(),
    allowances: createMemoryAllowances(),
    check: async () => undefined,
    close: () => doorbell.close(),
  }
}
