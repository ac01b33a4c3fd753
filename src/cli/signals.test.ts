import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'

test('the first signal is told, its echo ignored, a later one ends the process at once', async () => {
  const file = new URL('signals.ts', import.meta.url).href
  const script = `const { onStopSignal } = await import(${JSON.stringify(file)});
    setInterval(() => undefined, 1000);
    const stopped = onStopSignal();
    process.stdout.write('ready');
    process.stdout.write(await stopped)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script])
  const exit = once(child, 'exit')
  expect(String((await once(child.stdout, 'data'))[0])).toBe('ready')
  child.kill('SIGINT')
  child.kill('SIGTERM')
  expect(String((await once(child.stdout, 'data'))[0])).toMatch(/^SIG(INT|TERM)$/)
  expect(child.exitCode).toBeNull()
  await new Promise((resolve) => setTimeout(resolve, 700))
  expect(child.exitCode).toBeNull()
  child.kill('SIGTERM')
  expect(await exit).toEqual([1, null])
})
