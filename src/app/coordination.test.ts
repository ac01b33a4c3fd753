import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('without REDIS_URL the driver is not loaded', () => {
  const script = `
    import { createRequire } from 'node:module'
    const { openCoordination } = await import(${JSON.stringify(`${import.meta.dirname}/coordination.ts`)})
    const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('ioredis'))
    await openCoordination(undefined)
    const before = loaded()
    await openCoordination({ url: 'redis://127.0.0.1:1', prefix: 'x' }, { redisChanged() {} })
    process.stdout.write(JSON.stringify([before, loaded()]))
    process.exit()`
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
  })
  expect(JSON.parse(output.toString())).toEqual([false, true])
})
