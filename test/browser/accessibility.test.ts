import AxeBuilder from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Booted, bootApp } from './boot.ts'
import { desk, launch, phone, visit } from './browser.ts'
import { answerWith, online, seen, write } from './conversation.ts'
import { rich } from './rich-answer.ts'

let app: Booted
let browser: Browser
beforeAll(async () => {
  ;[app, browser] = await Promise.all([bootApp(), launch()])
  answerWith(app.models, rich)
})
afterAll(async () => {
  await browser?.close()
  await app?.close()
})

async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' · ')}`)
  expect(found).toEqual([])
}

/** Nothing reaches over the edge of the screen. */
async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const sizes = await page.evaluate('[document.documentElement.scrollWidth, innerWidth]')
  expect(sizes).toEqual([page.viewportSize()?.width, page.viewportSize()?.width])
  expect(
    await page.evaluate(
      "(() => { const s = document.querySelector('.scroller'); return s ? s.scrollWidth - s.clientWidth : 0 })()",
    ),
  ).toBe(0)
}

/** A page that comes into sight asks at once. */
const lookAgain = (page: Page) => page.evaluate("void document.dispatchEvent(new Event('visibilitychange'))")

const looks = [
  { name: 'light, 1280', ...desk, colorScheme: 'light' as const },
  { name: 'dark, 1280', ...desk, colorScheme: 'dark' as const },
  { name: 'light, 390', ...phone, colorScheme: 'light' as const },
  { name: 'dark, 390', ...phone, colorScheme: 'dark' as const },
]

describe.each(looks)('$name', ({ name, ...look }) => {
  const settled = { ...look, reducedMotion: 'reduce' as const }

  test('landing page', async () => {
    const { page } = await visit(browser, `${app.origin}/`, settled)
    await page.getByText('Database').waitFor()
    await expectAccessible(page)
    await expectNoSidewaysScroll(page)
    app.proxy.cut()
    await lookAgain(page)
    await page.getByText('The server cannot be reached').waitFor()
    await expectAccessible(page)
    app.proxy.join()
    await lookAgain(page)
    await page.getByText('Database').waitFor()
    await page.context().close()
  })

  test('a page that does not exist', async () => {
    const { page, faults } = await visit(browser, `${app.origin}/nothing`, settled)
    await expectAccessible(page)
    await expectNoSidewaysScroll(page)
    // The status is reported as a failed load; a style the content policy refuses would be another fault.
    expect(faults).toEqual([expect.stringContaining('404')])
    await page.getByRole('link', { name: 'Go to the chat' }).click()
    await online(page)
    await page.context().close()
  })

  test('chat: empty, in conversation, with its panels open, offline', async () => {
    const { page } = await visit(browser, `${app.origin}/chat`, settled)
    await online(page)
    await expectAccessible(page)
    await write(page, 'Show me everything you can')
    await seen.answers(page).getByText('The end of it.').waitFor()
    await page.locator('.hljs-keyword').first().waitFor()
    await page.getByRole('button', { name: 'Send' }).waitFor()
    await expectAccessible(page)
    await expectNoSidewaysScroll(page)
    await seen.field(page).fill('word '.repeat(410))
    await page.getByRole('button', { name: 'Choose an emoji' }).click()
    await expectAccessible(page)
    await page.keyboard.press('Escape')
    if (name.endsWith('390')) {
      await page.getByRole('button', { name: 'Open the list of chats' }).click()
      await expectAccessible(page)
      await page.keyboard.press('Escape')
    }
    app.proxy.cut()
    await page.getByText('No connection.').waitFor()
    await expectAccessible(page)
    await expectNoSidewaysScroll(page)
    app.proxy.join()
    await page.context().close()
  })
})
