import { postNote } from '../../answers/handoff/note.ts'
import type { AlertsConfig, BotConfig } from '../../config/config.ts'
import { type AlertJob, type AlertNeeds, createAlerts as createJob } from '../../jobs/alerts.ts'
import { textsOf } from '../../model/texts/texts.ts'
import { noteTargets } from '../notes.ts'
import { createSigns, type SignParts } from './signs.ts'

type Needs = Omit<SignParts, 'store'> &
  Pick<AlertNeeds, 'store' | 'events' | 'holder'> &
  Pick<SignParts, 'store'> & {
    /** Of this moment: they may have been reloaded. */
    current(): { bot: BotConfig; alerts: AlertsConfig }
  }

/** Looks are as rare as may be, and often enough for what is over in minutes. */
const sweepsPerLook = 10

/** What the bot itself tells its team about the installation. */
export function createAlerts({ current, events, holder, ...parts }: Needs): AlertJob {
  const { config, store, clock } = parts
  const targets = () => noteTargets({ ...config, bot: current().bot })
  return createJob({
    store,
    signs: createSigns(parts),
    perHour: () => (targets().length > 0 ? current().alerts.perHour : 0),
    async post(tx, alert, now) {
      const texts = textsOf(current().bot.languages[0] ?? 'en')
      const text = 'over' in alert ? texts.alertOverNote(alert.over) : texts.alertNote(alert)
      await postNote(tx, targets(), text, now)
    },
    events,
    clock,
    holder,
    everyMs: sweepsPerLook * config.pipeline.sweepMs,
  })
}
