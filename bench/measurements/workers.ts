import { alternate, disturbanceNotes, type Rounds } from '../rounds.ts'
import { closedLoop, type Flow } from '../flow.ts'
import type { Measurement } from '../measurement.ts'
import { limitCpu } from '../processes/quota.ts'
import { openStage } from '../stage.ts'
import { parleyOnPostgres, workersOf } from '../subjects/parley.ts'

/** Twice those of "replies": two workers are full, too, and one is no fuller than before. */
const people = 400
/** What each worker gets of a core, so that workers and not cores are what there is more of. */
const quota = 0.2
const counts = [1, 2]

export const workers: Measurement = {
  name: 'workers',
  about: 'replies a second of two workers against one',
  minutes: ({ quick }) => (quick ? 0.1 : 2),
  async run(options, say) {
    const { quick } = options
    const subjects = counts.map((count) => ({ name: `${count} × ${quota} core`, count }))
    const rounds = await alternate(subjects, { rounds: options.rounds, say }, ({ count }) =>
      measure(count, quick),
    )
    const speed = (result: Rounds<Flow> | undefined): number =>
      result?.median(({ perSecond }) => perSecond) ?? 0
    const gain = speed(rounds[1]) / speed(rounds[0])
    return {
      method: [
        `Parley on PostgreSQL; each worker may use ${quota} of a core (cgroup), databases and everything else what they need.`,
        `Closed loop as in "replies", but of ${people} people, so that each of two workers has as many at once; the model answers at once.`,
        'With more cores than two the quota could be a core each; here the databases and the peers need the rest.',
      ],
      tables: [
        {
          title: 'Medians of the rounds',
          columns: [
            { key: 'subject', head: 'workers' },
            { key: 'perSecond', head: 'replies/s' },
            { key: 'cpu', head: 'CPU s/1000', digits: 3 },
            { key: 'p50', head: 'p50 ms', digits: 1 },
            { key: 'p99', head: 'p99 ms', digits: 1 },
            { key: 'rounds', head: 'rounds' },
          ],
          rows: rounds.map((result) => ({
            subject: result.name,
            perSecond: speed(result),
            cpu: result.median(({ cpuPer1000 }) => cpuPer1000),
            p50: result.median(({ p50Ms }) => p50Ms),
            p99: result.median(({ p99Ms }) => p99Ms),
            rounds: result.counted.length,
          })),
        },
      ],
      notes: [`Two workers give ${gain.toFixed(2)} × the replies of one.`, ...disturbanceNotes(rounds)],
      rounds,
    }
  },
}

async function measure(count: number, quick: boolean): Promise<Flow> {
  const stage = await openStage(parleyOnPostgres(count), {
    adapt: (command) => ({ ...command, core: undefined }),
    freeDatabases: true,
  })
  const unlimit: (() => void)[] = []
  try {
    // Compiling the hot path is no part of what is compared: it happens before the quota.
    await closedLoop(stage, { people, warmUpMs: 0, ms: quick ? 1000 : 4000 })
    for (const index of workersOf(count)) {
      const worker = stage.subject.children[index]
      if (worker) unlimit.push(limitCpu(worker.pid, quota))
    }
    return await closedLoop(stage, { people, warmUpMs: quick ? 200 : 2000, ms: quick ? 800 : 8000 })
  } finally {
    await stage.stop()
    for (const remove of unlimit) remove()
  }
}
