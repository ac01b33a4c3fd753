/** Ctrl+C reaches a process more than once when a launcher passes it on. */
const echoMs = 500

/**
 * Resolves with the first SIGTERM or SIGINT. A second one ends the process at once, by `end`: whoever sends it does not
 * want to wait for the work in progress.
 */
export function onStopSignal(end: () => void = () => process.exit(1)): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first: number | undefined
    const receive = (signal: NodeJS.Signals) => {
      const now = performance.now()
      if (first === undefined) {
        first = now
        resolve(signal)
      } else if (now - first > echoMs) {
        end()
      }
    }
    process.on('SIGTERM', receive)
    process.on('SIGINT', receive)
  })
}
