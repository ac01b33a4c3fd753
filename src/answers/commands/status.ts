import { textsOf } from '../../model/texts/texts.ts'
import type { Clock } from '../../model/time.ts'
import type { Reader } from '../../store/store.ts'
import type { Command } from './command.ts'

/** More open requests than this are not counted. */
const requestsCounted = 1000

export interface StatusNeeds {
  version: { version: string; commit: string }
  /** When the process started, in milliseconds since the epoch. */
  startedAt: number
  clock: Clock
  read: Pick<Reader, 'messages' | 'handoffs'>
}

/** `/status`: version, commit, uptime; for staff also what is waiting. */
export function statusCommand({ version, startedAt, clock, read }: StatusNeeds): Command {
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
      const text = texts.status({ ...version, uptimeMs: clock.now() - startedAt })
      return { text: role === 'contact' ? text : `${text}\n\n${texts.backlog(await backlog())}` }
    },
  }
}
