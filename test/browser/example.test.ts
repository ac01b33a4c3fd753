import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Booted, bootApp } from './boot.ts'
import { launch, visit } from './browser.ts'
import { atEnd, online, seen, write } from './conversation.ts'

let app: Booted
let browser: Browser
beforeAll(async () => {
  ;[app, browser] = await Promise.all([bootApp({ example: true, model: false }), launch()])
})
afterAll(async () => {
  await browser?.close()
  await app?.close()
})

test('a fresh installation without any key shows its state and answers from the FAQ', async () => {
  const { page, faults } = await visit(browser, `${app.origin}/`)
  await page.getByText('No model configured: answers from the FAQ').waitFor()
  await page.getByText('SQLite').waitFor()
  await page.getByRole('link', { name: 'Start chatting' }).click()
  await online(page)
  await write(page, 'How much does a CI/CD pipeline cost?')
  await seen.answers(page).getByText('USD').first().waitFor()
  expect(faults).toEqual([])
})

test('a short answer is seen also where it is as high as the sign of typing before it', async () => {
  const { page } = await visit(browser, `${app.origin}/chat`)
  await online(page)
  const questions = ['How much does a web app cost?', 'What do you do?', 'Which technologies do you use?']
  for (const [index, question] of questions.entries()) {
    await write(page, question)
    await expect.poll(() => seen.answers(page).count()).toBe(index + 1)
  }
  for (let round = 0; round < 3; round += 1) {
    await page.reload()
    await online(page)
    await write(page, 'thanks')
    await expect.poll(() => seen.answers(page).count()).toBe(questions.length + round + 1)
    await atEnd(page)
  }
})

test('every button of the greeting leads somewhere', async () => {
  const { page } = await visit(browser, `${app.origin}/chat`)
  await online(page)
  const buttons = page.locator('.greeting .reply')
  await buttons.first().waitFor()
  const count = await buttons.count()
  for (let n = 0; n < count; n += 1) {
    await buttons.nth(n).click()
    await expect.poll(() => seen.answers(page).count()).toBe(n + 1)
  }
  expect(await page.getByText('That button no longer works').count()).toBe(0)
})
