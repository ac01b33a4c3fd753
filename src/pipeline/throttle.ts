/** Passes the first value on at once and then at most one each `everyMs`, always the latest. */
export function createThrottle<T>(
  everyMs: number,
  pass: (value: T) => void,
): { push(value: T): void; end(): void } {
  let timer: NodeJS.Timeout | undefined
  let latest: { value: T } | undefined
  let ended = false

  function tick(): void {
    timer = undefined
    if (!latest || ended) return
    const { value } = latest
    latest = undefined
    timer = setTimeout(tick, everyMs)
    pass(value)
  }

  return {
    push(value) {
      if (ended) return
      latest = { value }
      if (!timer) tick()
    },
    end() {
      ended = true
      clearTimeout(timer)
    },
  }
}
