import type { Measurement } from '../measurement.ts'
import { faq } from './faq.ts'
import { growth } from './growth.ts'
import { latency } from './latency.ts'
import { overload } from './overload.ts'
import { replies } from './replies.ts'
import { soak } from './soak.ts'
import { sockets } from './sockets.ts'
import { start } from './start.ts'
import { workers } from './workers.ts'

/** Everything that can be measured, in the order it is. */
export const measurements: readonly Measurement[] = [
  replies,
  workers,
  latency,
  overload,
  sockets,
  start,
  growth,
  faq,
  soak,
]

/** Only when asked for: it lasts an hour. */
export const onlyByName: readonly Measurement[] = [soak]
