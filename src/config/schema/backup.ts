import { z } from 'zod'
import { address, text, whole } from '../kinds.ts'

const timeOfDay = 'a time of day in quotes, such as "03:30"'

export const backupSchema = z
  .strictObject({
    folder: text(1000)
      .optional()
      .describe('Where backups are kept, relative to parley.yaml; backups in data_dir when not set.'),
    keep: whole(1, 1000)
      .default(7)
      .describe(
        'How many are kept, and of how many days (UTC) the last one; what is older goes once a new one is proven.',
      ),
    daily_at: z
      .string(timeOfDay)
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/, timeOfDay)
      .optional()
      .describe('When the running server takes one each day, in `timezone`; never when not set.')
      .meta({ type: timeOfDay }),
    s3: z
      .strictObject({
        bucket: z
          .string('the name of a bucket')
          .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, '3 to 63 of a-z 0-9 . -')
          .optional()
          .describe('Bucket that holds them instead of a folder.')
          .meta({ type: '3 to 63 of a-z 0-9 . -' }),
        region: text(50).default('us-east-1').describe('Its region; what a compatible store wants there.'),
        endpoint: address()
          .optional()
          .describe('Address of a compatible store; Amazon in this region when not set.'),
        prefix: z
          .string('a path such as bots/acme')
          .regex(/^[\w.-]+(\/[\w.-]+)*\/?$/, 'a path such as bots/acme')
          .optional()
          .describe('Folder in the bucket; one for each installation.')
          .meta({ type: 'a path such as bots/acme' }),
      })
      .prefault({}),
  })
  .prefault({})
