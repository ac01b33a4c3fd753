import type { StatusReport } from '../http/contract/socket.ts'
import { endOfDay, timeOf } from '../model/calendar.ts'
import type { Clock } from '../model/time.ts'
import { Down } from '../ops/probes.ts'
import { remedy } from './model-trouble.ts'
import type { LiveModels } from './models.ts'
import type { LivePurse } from './purse.ts'

export interface AssistantNeeds {
  models: Pick<LiveModels, 'name' | 'freeName' | 'trouble'>
  /** What models cost today. */
  spending: LivePurse['today']
  /** Whose midnight ends a day of the budget. */
  timezone: string
  clock: Clock
}

/** Which model answers, or why none does, as far as it is known without asking one. */
export interface Assistant {
  /** For the page. */
  report(): Promise<Pick<StatusReport, 'model' | 'modelFault'>>
  /** For the probe: resolves with the name of the model; rejects with a `Down`. */
  check(): Promise<string>
}

export function createAssistant({ models, spending, timezone, clock }: AssistantNeeds): Assistant {
  /** Why nothing that costs is asked now. */
  async function savings(): Promise<string | undefined> {
    // Whether there is a database is not for this to tell.
    const today = await spending().catch(() => undefined)
    if (today?.limitMicroUsd === 0) return noMoney
    return today?.isExhausted ? exhausted(timezone, clock) : undefined
  }

  return {
    async report() {
      const saves = models.name() !== null && (await savings()) !== undefined
      const free = models.freeName()
      return {
        model: saves ? (free ?? models.name()) : models.name(),
        modelFault: models.trouble()?.kind ?? (saves && free === null ? 'budget' : null),
      }
    },
    async check() {
      const trouble = models.trouble()
      if (trouble) {
        const { found, next } = remedy(trouble.kind, trouble.model.split('/', 1)[0] ?? '')
        throw new Down(`${trouble.model} does not answer: ${found}; ${next}`)
      }
      const [name, free] = [models.name(), models.freeName()]
      if (name === null) return 'no model configured'
      const why = name === free ? undefined : await savings()
      if (why === undefined) return name
      if (free === null) throw new Down(why)
      return `${free}: ${why}`
    },
  }
}

const noMoney =
  'models.budget.daily is 0: people are answered without models that cost; raise it, or LLM_DAILY_BUDGET_USD'

const exhausted = (zone: string, clock: Clock): string =>
  `a call did not fit into what is left of today's budget; until ${timeOf(endOfDay(clock.now(), zone), zone)} (${zone}) models that cost are asked where it fits only`
