import { alternate, disturbanceNotes, type Rounds } from '../rounds.ts'
import { closedLoop, type Flow } from '../flow.ts'
import type { Measurement } from '../measurement.ts'
import { openStage } from '../stage.ts'
import { parleyOnPostgres, workersOf } from '../subjects/parley.ts'

const people = 200
/** What each worker gets of a core, so that workers and not cores are what there is more of. */
const quota = 0.15
const counts = [1, 2]

export const workers: Measurement = {
  name: 'workers',
  about: 'replies a second of two workers against one',
  minutes: ({ quick }) => (quick ? 0.1 : 2),
  async run({ quick }, say) {
    const subjects = counts.map((count) => ({ name: `${count} × ${quota} core`, count }))
    const rounds = await alternate(subjects, { quick, say }, ({ count }) => measure(count, quick))
    const speed = (result: Rounds<Flow> | undefined): number => result?.median(({ perSecond }) => perSecond) ?? 0
    const gain = speed(rounds[1]) / speed(rounds[0])
    return {
      method: [
        `Parley on PostgreSQL; each worker may use ${quota} of a core (cgroup), databases and everything else what they need.`,
        `Closed loop of ${people} people as in "replies", the model answers at once.`,
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
    }
  },
}

async function measure(count: number, quick: boolean): Promise<Flow> {
  const subject = parleyOnPostgres(count)
  const isWorker = workersOf(count)
  const stage = await openStage(subject, {
    adapt: (command, index) =>
      isWorker.includes(index) ? { ...command, core: undefined, quota } : { ...command, core: undefined },
    freeDatabases: true,
  })
  try {
    return await closedLoop(stage, { people, warmUpMs: quick ? 1000 : 4000, ms: quick ? 1500 : 8000 })
  } finally {
    await stage.stop()
  }
}
