import type { Config } from '../config/config.ts'
import { watchLoopDelay } from '../ops/loop-delay.ts'
import { type Admission, type AdmissionNeeds, createAdmission } from '../pipeline/admission.ts'

type Parts = Pick<AdmissionNeeds, 'store' | 'channels' | 'events' | 'clock'>

/** Decides what this process takes; watches how late it comes to its work until it is closed. */
export function openAdmission({ mostWaiting, mostDelayMs }: Config['pipeline'], parts: Parts): Admission {
  const delay = watchLoopDelay()
  const admission = createAdmission({ ...parts, mostWaiting, mostDelayMs, delayMs: delay.ms })
  return {
    ...admission,
    close() {
      admission.close()
      delay.close()
    },
  }
}
