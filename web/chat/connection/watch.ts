interface WatchNeeds {
  pingMs: number
  silenceMs: number
  onIdle: () => void
  onDead: () => void
}

/** Tells a quiet connection, which is asked for a sign of life, from a dead one, which owes an answer too long. */
export function createWatch({ pingMs, silenceMs, onIdle, onDead }: WatchNeeds) {
  let idle: ReturnType<typeof setTimeout> | undefined
  let owed: ReturnType<typeof setTimeout> | undefined
  const stop = () => {
    clearTimeout(idle)
    clearTimeout(owed)
    owed = undefined
  }
  return {
    /** Something was asked. */
    asked(): void {
      owed ??= setTimeout(onDead, silenceMs)
    },
    /** Something came. */
    heard(): void {
      stop()
      idle = setTimeout(onIdle, pingMs)
    },
    stop,
  }
}
