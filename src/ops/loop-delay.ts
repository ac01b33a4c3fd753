import { monitorEventLoopDelay } from 'node:perf_hooks'

/** How late this process comes to its work. */
export interface LoopDelay {
  /** The median of the last second and more, in milliseconds: one long pause does not count. */
  ms(): number
  close(): void
}

const resolutionMs = 20
const windowMs = 1000

export function watchLoopDelay(): LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs })
  histogram.enable()
  let since = performance.now()
  let latest = 0
  return {
    ms() {
      const now = performance.now()
      if (now - since < windowMs) return latest
      // What is recorded is the time between two looks (perf_hooks, `monitorEventLoopDelay`), in nanoseconds.
      latest = Math.max(0, histogram.percentile(50) / 1e6 - resolutionMs)
      histogram.reset()
      since = now
      return latest
    },
    close: () => void histogram.disable(),
  }
}
