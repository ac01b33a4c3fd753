import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const unit = [
  '{src,examples,bin,bench}/**/*.test.ts',
  'web/**/*.test.{ts,tsx}',
  'test/{support,fakes,faq}/**/*.test.ts',
]

/** They run commands as processes, which takes its time. */
const commands = 'src/cli/**/*.test.ts'

/** Most tests wait for another process most of the time. */
const maxWorkers = availableParallelism() + 1

/**
 * One project per kind of test, in the order `npm test` runs them. Databases come from `test/support/databases.ts`,
 * which starts a real server when the first test asks for one.
 */
export default defineConfig({
  test: {
    globalSetup: ['test/support/global.ts'],
    environment: 'node',
    restoreMocks: true,
    unstubEnvs: true,
    projects: [
      // Their modules keep nothing from one file to the next: what is loaded once saves a third of the time.
      {
        test: {
          name: 'unit',
          include: unit,
          exclude: [commands],
          testTimeout: 10_000,
          maxWorkers,
          isolate: false,
        },
      },
      { test: { name: 'architecture', include: ['test/architecture.test.ts'], testTimeout: 20_000 } },
      { test: { name: 'deploy', include: ['test/deploy/**/*.test.ts'], maxWorkers, testTimeout: 60_000 } },
      {
        test: {
          name: 'contracts',
          include: ['test/contracts/**/*.test.ts'],
          maxWorkers,
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'flows',
          include: ['test/flows/**/*.test.ts', commands],
          maxWorkers,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'crash',
          include: ['test/{crash,drill}/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
