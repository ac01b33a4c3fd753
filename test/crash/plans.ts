import type { DatabaseKind } from '../support/stores.ts'
import type { StormOptions } from './storm.ts'

type Plan = Pick<StormOptions, 'people' | 'livesMs' | 'pauseMs' | 'weights' | 'armed' | 'megabytes' | 'pace'>

/** What goes wrong, and how often, in a long storm: mostly kills. */
export const longPlans: Record<DatabaseKind, Plan & Pick<StormOptions, 'kills'>> = {
  postgres: {
    kills: 1000,
    people: { onTelegram: 60, onWeb: 30, perSecond: 100 },
    livesMs: 4000,
    pauseMs: [200, 1600],
    weights: {
      kill: 100,
      replace: 8,
      postgres: 4,
      redis: 4,
      network: 10,
      telegram: 4,
      model: 8,
      disk: 1,
    },
    armed: 0.5,
    megabytes: 2000,
  },
  sqlite: {
    kills: 300,
    people: { onTelegram: 60, onWeb: 30, perSecond: 100 },
    livesMs: 3000,
    pauseMs: [200, 1600],
    weights: { kill: 100, network: 10, telegram: 4, model: 8, disk: 3 },
    armed: 0.5,
    megabytes: 1000,
  },
}

/** Some of everything in a few seconds. */
export const shortPlans: Record<DatabaseKind, Plan> = {
  postgres: {
    people: { onTelegram: 12, onWeb: 6, perSecond: 25 },
    livesMs: 1500,
    pauseMs: [100, 900],
    weights: { kill: 5, replace: 1, postgres: 1, redis: 2, network: 2, telegram: 1, model: 1 },
    armed: 0.3,
    megabytes: 256,
    pace: { leaseMs: 2000, sweepMs: 100 },
  },
  sqlite: {
    people: { onTelegram: 12, onWeb: 6, perSecond: 25 },
    livesMs: 1500,
    pauseMs: [100, 900],
    weights: { kill: 5, network: 1, telegram: 1, model: 1 },
    armed: 0.3,
    megabytes: 128,
    pace: { leaseMs: 2000, sweepMs: 100 },
  },
}
