import type { ServerFrame } from '../../../src/http/contract/socket.ts'

/** How long each may go without news, in milliseconds. */
const patience = { typing: 12_000, preview: 60_000 }

export type Quiet = keyof typeof patience

/** Notices when an answer in the making is not heard of any more: its turn was dropped or its process died. */
export function createSilence(onSilence: (session: string, what: Quiet) => void) {
  const timers = new Map<string, ReturnType<typeof setTimeout>>()
  return {
    watch(frame: ServerFrame): void {
      if (frame.type !== 'typing' && frame.type !== 'preview') return
      const { session, type } = frame
      clearTimeout(timers.get(session + type))
      timers.set(
        session + type,
        setTimeout(() => onSilence(session, type), patience[type]),
      )
    },
    close(): void {
      for (const timer of timers.values()) clearTimeout(timer)
    },
  }
}
