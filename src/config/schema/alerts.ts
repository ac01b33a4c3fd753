import { z } from 'zod'
import { whole } from '../kinds.ts'

export const alertsSchema = z
  .strictObject({
    per_hour: whole(0, 60)
      .default(6)
      .describe(
        'Notes in an hour with which the bot tells its team, in Telegram, what is wrong with the installation; those about the budget are apart. 0: none.',
      ),
  })
  .prefault({})
