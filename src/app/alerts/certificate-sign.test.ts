import { afterAll, afterEach, expect, test } from 'vitest'
import { createTurnedClock } from '../../../test/support/clock.ts'
import { createAuthority } from '../../../test/support/certificates.ts'
import { createTlsFront, type TlsFront } from '../../../test/support/tls-front.ts'
import { createMetrics } from '../../ops/metrics.ts'
import { createCertificateSign } from './certificate-sign.ts'

const dayMs = 86_400_000
const hourMs = 3_600_000
let front: TlsFront | undefined
const authority = createAuthority()
afterEach(() => front?.close())
afterAll(() => authority.close())

async function behind(name: string, days: number) {
  front = await createTlsFront(authority.issue(name, days), 1)
  const { port, close } = front
  const clock = createTurnedClock(new Date().toISOString())
  const metrics = createMetrics({ process: false })
  const sign = createCertificateSign(new URL(`https://localhost:${port}/webhook/telegram`), {
    clock,
    metrics,
  })
  /** When it ends as the gauge has it, in days from now. */
  const gauge = async () => {
    const [value] = (await metrics.certificateTo.get()).values
    return value && Math.round((value.value * 1000 - clock.now()) / dayMs)
  }
  return { sign, clock, gauge, host: `localhost:${port}`, close }
}

test('its end is measured, and is a sign two weeks before, also when it is over', async () => {
  const { sign, clock, gauge, host } = await behind('localhost', 90)
  expect(await sign.look()).toBeUndefined()
  expect(await gauge()).toBe(90)
  clock.passes(75 * dayMs)
  expect(await sign.look()).toBeUndefined()
  clock.passes(2 * dayMs)
  expect(await sign.look()).toEqual({
    kind: 'certificate',
    host,
    leftMs: expect.closeTo(13 * dayMs, -5),
  })
  clock.passes(14 * dayMs)
  expect(await sign.look()).toMatchObject({ kind: 'certificate', leftMs: expect.closeTo(-dayMs, -5) })
})

test('one that lives for days is no sign until a sixth of them is left', async () => {
  const { sign, clock } = await behind('localhost', 6)
  expect(await sign.look()).toBeUndefined()
  clock.passes(5.5 * dayMs)
  expect(await sign.look()).toBeDefined()
})

test('where none is shown its end is not known: what was seen counts for a day, nothing counts as over', async () => {
  const { sign, clock, gauge, close } = await behind('localhost', 15)
  expect(await sign.look()).toBeUndefined()
  await close()
  front = undefined
  clock.passes(20 * hourMs)
  expect(await sign.look()).toBeUndefined()
  expect(await gauge()).toBe(14)
  clock.passes(5 * hourMs)
  await expect(sign.look()).rejects.toThrow('not known')
  expect(await gauge()).toBeUndefined()
  clock.passes(60 * dayMs)
  await expect(sign.look()).rejects.toThrow('not known')
})

test('one of another name says nothing about ours', async () => {
  const { sign, gauge } = await behind('other.example', 3)
  await expect(sign.look()).rejects.toThrow('not known')
  expect(await gauge()).toBeUndefined()
})
