import { execFile } from 'node:child_process'
import { z } from 'zod'
import type { AppNeeds } from '../app.ts'
import type { ConfigOptions } from './configuration.ts'

const report = z.object({
  name: z.string(),
  bytes: z.number(),
  notRemoved: z.array(z.object({ name: z.string(), reason: z.string() })),
})

/** Has `parley backup` run as a process of its own, so that the server works on meanwhile. */
export function backupTaker({ config }: ConfigOptions): NonNullable<AppNeeds['takeBackup']> {
  const place = config === undefined ? [] : ['--config', config]
  const args = [...process.execArgv, process.argv[1] ?? '', 'backup', 'now', '--json', ...place]
  return async (signal) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    execFile(process.execPath, args, { signal }, (error, stdout, stderr) => {
      if (error) reject(new Error(stderr.trim() || error.message, { cause: error }))
      else resolve(stdout)
    })
    return report.parse(JSON.parse(await promise))
  }
}
