import { postNote } from '../answers/handoff/note.ts'
import type { BotConfig, Config } from '../config/config.ts'
import { endOfDay, timeOf } from '../model/calendar.ts'
import { usdText } from '../model/money.ts'
import { textsOf, type Texts } from '../model/texts/texts.ts'
import type { BudgetMark } from '../store/store.ts'
import { noteTargets } from './notes.ts'
import { createPurse, type LivePurse, type PurseNeeds } from './purse.ts'

type Needs = Pick<PurseNeeds, 'store' | 'events' | 'clock' | 'holder'> & {
  /** Of this moment: it may have been reloaded. */
  bot(): BotConfig
}

/** The purse of this installation, which tells the team when money runs short. */
export function createBudget(config: Config, { bot, ...needs }: Needs): LivePurse {
  const { timezone: zone } = config
  return createPurse({
    ...needs,
    zone,
    budget: config.models.budget,
    post(tx, mark, now) {
      const texts = textsOf(bot().languages[0] ?? 'en')
      return postNote(tx, noteTargets({ ...config, bot: bot() }), noteOf(mark, texts, zone, now), now)
    },
  })
}

function noteOf(mark: BudgetMark, texts: Texts, zone: string, now: number): string {
  const facts = {
    spent: usdText(mark.spentMicroUsd),
    limit: usdText(mark.limitMicroUsd),
    until: `${timeOf(endOfDay(now, zone), zone)} (${zone})`,
  }
  return mark.kind === 'warned' ? texts.budgetWarningNote(facts) : texts.budgetSpentNote(facts)
}
