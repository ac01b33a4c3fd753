import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Booted, bootApp } from './boot.ts'
import { launch, visit } from './browser.ts'
import { atEnd, echo, online, seen, write } from './conversation.ts'

let app: Booted
let browser: Browser
beforeAll(async () => {
  ;[app, browser] = await Promise.all([bootApp(), launch()])
  echo(app.models)
})
afterAll(async () => {
  await browser?.close()
  await app?.close()
})

const scroll = (page: Page, to: string) =>
  page.evaluate(`document.querySelector('.scroller').scrollTop = ${to}`)

/** Where a message stands on the screen, in pixels from the top. */
const topOf = async (page: Page, text: string) =>
  (await page.getByText(text, { exact: true }).boundingBox())?.y ?? Number.NaN

/** A conversation longer than a page of history. */
async function longConversation(page: Page, count: number): Promise<void> {
  for (let n = 1; n <= count; n += 1) {
    await write(page, `Question ${n}`)
    await seen.answers(page).getByText(`Echo: Question ${n}.`).waitFor()
  }
}

test('fifty messages at first, older ones on the way up, and nothing moves under the reader', async () => {
  const { page, faults } = await visit(browser, `${app.origin}/chat`)
  await online(page)
  await longConversation(page, 60)
  await page.reload()
  await seen.answers(page).getByText('Echo: Question 60.').waitFor()
  expect(await seen.messages(page).count()).toBe(50)
  await atEnd(page)

  await scroll(page, '500')
  const before = await topOf(page, 'Question 38')
  await scroll(page, '399')
  await expect.poll(() => seen.messages(page).count()).toBe(100)
  expect(Math.abs((await topOf(page, 'Question 38')) - before - 101)).toBeLessThan(3)

  const other = await page.context().newPage()
  await other.goto(page.url())
  await write(other, 'Are you still there?')
  // A tab in the background does not move.
  await page.bringToFront()
  await page.getByRole('button', { name: 'New messages' }).click()
  await seen.answers(page).getByText('Echo: Are you still there?').waitFor()
  await expect.poll(() => page.getByRole('button', { name: 'New messages' }).count()).toBe(0)

  await atEnd(page)
  await scroll(page, '0')
  await expect.poll(() => seen.messages(page).count()).toBe(122)
  expect((await seen.own(page).allInnerTexts()).slice(0, 60)).toEqual(
    Array.from({ length: 60 }, (_, n) => `Question ${n + 1}`),
  )
  expect(faults).toEqual([])
})
