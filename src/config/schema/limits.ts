import { z } from 'zod'
import { duration, flag, whole } from '../kinds.ts'

const count = whole(1, 100_000_000)

export const limitsSchema = z
  .strictObject({
    per_hour: count.default(60).describe('Messages of one person that are answered in an hour.'),
    per_day: count.default(500).describe('Messages of one person that are answered on one day.'),
    ban_after: count
      .default(20)
      .describe('Messages somebody may send after a warning before they are not answered for a while.'),
    ban: duration('1m', '24h')
      .default(3_600_000)
      .describe(
        'How long they are not answered; twice as long each time it happens within a week, for good the fourth.',
      ),
    spam: flag()
      .default(true)
      .describe('Whether the same text over and over and bursts of links are warned of as well.'),
    model_calls: z
      .strictObject({
        per_session: count.default(10).describe('Questions of one person to a model in one go.'),
        per_day: count.default(50).describe('Questions of one person to a model on one day.'),
        session_ends: duration('1m', '24h')
          .default(3_600_000)
          .describe('After this long without such a question another session begins.'),
      })
      .prefault({}),
    per_address: count
      .default(60)
      .describe('Requests of one address in a minute, messages of the web chat included.'),
    sockets_per_address: count
      .default(200)
      .describe('Open pages of the web chat of one address, at each process.'),
  })
  .prefault({})
