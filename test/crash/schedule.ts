import { createRandom } from './random.ts'

/** What goes wrong next. `place` counts the processes. */
export type Disturbance =
  /** SIGKILL, so long after it is ready. */
  | { kind: 'kill'; place: number; afterMs: number }
  /** SIGTERM, once the successor is ready: a rolling deployment of one process. */
  | { kind: 'replace'; place: number }
  | { kind: 'postgres'; how: 'fast' | 'immediate' | 'kill' | 'backend' }
  | { kind: 'redis'; how: 'flush' | 'restart' | 'kill' }
  | { kind: 'network'; line: Line; how: 'cut' | 'reset' | 'slow' | 'hole'; ms: number }
  | { kind: 'telegram'; how: '502' | '429'; ms: number }
  | { kind: 'model'; how: ModelTrouble; calls: number }
  | { kind: 'disk'; ms: number }

/** The lines that go through a proxy. */
export const lines = ['front', 'database', 'redis', 'telegram', 'model'] as const
export type Line = (typeof lines)[number]

export const modelTroubles = ['500', '429', 'hang', 'cut', 'nonsense'] as const
export type ModelTrouble = (typeof modelTroubles)[number]

export interface Step {
  /** How long after the step before it, in milliseconds. */
  afterMs: number
  disturbance: Disturbance
}

export interface ScheduleOptions {
  seed: number
  /** How many processes there are. */
  places: number
  /** What can go wrong here, and how often. */
  weights: Partial<Record<Disturbance['kind'], number>>
  lines: readonly Line[]
  /** A process is killed at most so long after it is ready, in milliseconds. */
  livesMs: number
  /** Between two steps, in milliseconds. */
  pauseMs: readonly [shortest: number, longest: number]
}

/** The endless list of what goes wrong: a function of its options alone. */
export function* schedule(options: ScheduleOptions): Generator<Step, never> {
  const random = createRandom(options.seed, 'schedule')
  const weights = options.weights as Record<Disturbance['kind'], number>
  for (;;) {
    const afterMs = random.between(...options.pauseMs)
    yield { afterMs, disturbance: draw(random.weighted(weights)) }
  }

  function draw(kind: Disturbance['kind']): Disturbance {
    switch (kind) {
      case 'kill':
        return {
          kind,
          place: random.between(0, options.places - 1),
          afterMs: random.between(0, options.livesMs),
        }
      case 'replace':
        return { kind, place: random.between(0, options.places - 1) }
      case 'postgres':
        return { kind, how: random.pick(['fast', 'immediate', 'kill', 'backend'] as const) }
      case 'redis':
        return { kind, how: random.pick(['flush', 'restart', 'kill'] as const) }
      case 'network': {
        const how = random.pick(['cut', 'reset', 'slow', 'hole'] as const)
        return { kind, line: random.pick(options.lines), how, ms: random.between(200, 2500) }
      }
      case 'telegram':
        return { kind, how: random.pick(['502', '429'] as const), ms: random.between(200, 2000) }
      case 'model':
        return { kind, how: random.pick(modelTroubles), calls: random.between(1, 12) }
      case 'disk':
        return { kind, ms: random.between(500, 2500) }
    }
  }
}

/** The step in words, for the log of a run. */
export function describeStep({ disturbance: { kind, ...about } }: Step): string {
  return [kind, ...Object.values(about)].join(' ')
}
