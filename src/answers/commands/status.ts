import type { SpendingFacts } from '../../model/texts/shape.ts'
import { textsOf } from '../../model/texts/texts.ts'
import type { Clock } from '../../model/time.ts'
import type { Reader } from '../../store/store.ts'
import type { Command } from './command.ts'

/** More open requests than this are not counted. */
const requestsCounted = 1000
/** Enough to tell commits apart. */
const commitShown = 8

export interface StatusNeeds {
  version: { version: string; commit: string }
  /** When the process started, in milliseconds since the epoch. */
  startedAt: number
  clock: Clock
  read: Pick<Reader, 'messages' | 'handoffs'>
  /** What models cost today; `undefined` when none costs anything. */
  spending?: () => Promise<SpendingFacts | undefined>
}

/** `/status`: version, commit, uptime; for staff also what is waiting and what was spent. */
export function statusCommand({ version, startedAt, clock, read, spending }: StatusNeeds): Command {
  async function backlog() {
    const { received, queued, failed, oldest } = await read.messages.backlog()
    return {
      unanswered: received,
      unsent: queued,
      failed,
      oldestMs: oldest === undefined ? undefined : clock.now() - oldest,
      requests: (await read.handoffs.open(requestsCounted)).length,
    }
  }
  return {
    name: 'status',
    description: (language) => textsOf(language).statusDescription,
    async run({ language, role }) {
      const texts = textsOf(language)
      const commit = version.commit.slice(0, commitShown)
      const text = texts.status({ ...version, commit, uptimeMs: clock.now() - startedAt })
      if (role === 'contact') return { text }
      const spent = await spending?.()
      const lines = [text, texts.backlog(await backlog()), ...(spent ? [texts.spending(spent)] : [])]
      return { text: lines.join('\n\n') }
    },
  }
}
