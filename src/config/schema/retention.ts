import { z } from 'zod'
import { days } from '../kinds.ts'

export const retentionSchema = z
  .strictObject({
    // An update that a platform delivers again is known by its message (decision 3).
    conversations: days(7, 'updates that come again are known by their messages')
      .default('730d')
      .describe(
        'How long messages are kept, then conversations and contacts of whom nothing is left, counted in whole days of `timezone`. What waits, dead letters and open requests for a human stay.',
      ),
    traces: days(1)
      .default('90d')
      .describe('How long it is kept why a turn answered as it did; no longer than its messages.'),
    budget: days(7).default('400d').describe('How long it is kept what models cost each day.'),
  })
  .prefault({})
