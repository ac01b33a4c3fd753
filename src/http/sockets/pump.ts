/**
 * Runs `step` until it says that nothing is left. Asked while it runs, it runs once more afterwards, so that nothing is
 * overlooked.
 */
export function createPump(step: () => Promise<boolean>, onError: (error: unknown) => void): () => void {
  let pumping: Promise<void> = Promise.resolve()
  let waiting = false

  async function run(): Promise<void> {
    waiting = false
    let more = true
    while (more) more = await step()
  }

  return () => {
    if (waiting) return
    waiting = true
    pumping = pumping.then(run).catch(onError)
  }
}
