import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('without a collector nothing of traces is loaded', () => {
  const script = `
    import { registerHooks } from 'node:module'
    const files = []
    registerHooks({ load: (url, context, next) => (files.push(url), next(url, context)) })
    const loaded = () => files.some((url) => url.includes('/ops/traces/'))
    await import(${JSON.stringify(`${import.meta.dirname}/../app.ts`)})
    const { openEvents } = await import(${JSON.stringify(`${import.meta.dirname}/events.ts`)})
    const { createMetrics } = await import(${JSON.stringify(`${import.meta.dirname}/../ops/metrics.ts`)})
    const about = { log: { info() {} }, metrics: createMetrics(), clock: Date, version: '1', instance: 'all-1' }
    await openEvents({ environment: 'development', traces: undefined }, about)
    const before = loaded()
    const traces = { endpoint: 'http://127.0.0.1:1/v1/traces', headers: {}, service: 'parley', ratio: 1 }
    await openEvents({ environment: 'development', traces }, about)
    process.stdout.write(JSON.stringify([before, loaded()]))`
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
  })
  expect(JSON.parse(output.toString())).toEqual([false, true])
})
