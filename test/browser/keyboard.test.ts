import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Booted, bootApp } from './boot.ts'
import { launch, phone, visit } from './browser.ts'
import { echo, online, seen } from './conversation.ts'

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

const focused = (page: Page) =>
  page.evaluate('document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent')

/** Presses Tab until the focus is on what is looked for. */
async function tabTo(page: Page, name: string, key = 'Tab'): Promise<void> {
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press(key)
    if (String(await focused(page)).startsWith(name)) return
  }
  throw new Error(`The focus never reached ${name}.`)
}

test('from the landing page to an answer and back, by keyboard alone', async () => {
  const { page, faults } = await visit(browser, `${app.origin}/`)
  await tabTo(page, 'Start chatting')
  await page.keyboard.press('Enter')
  await online(page)
  expect(await focused(page)).toBe('Message Harbour')
  await page.keyboard.type('first line')
  await page.keyboard.press('Shift+Enter')
  await page.keyboard.type('second line')
  await page.keyboard.press('Enter')
  await seen.answers(page).first().waitFor()
  expect(await seen.own(page).innerText()).toBe('first line\nsecond line')

  await tabTo(page, 'Choose an emoji')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'Choose an emoji' }).waitFor()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowDown')
  const emoji = await focused(page)
  await page.keyboard.press('Enter')
  expect(await seen.field(page).inputValue()).toBe(emoji)
  expect(await focused(page)).toBe('Message Harbour')

  await tabTo(page, 'Choose an emoji')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Escape')
  expect(await page.getByRole('dialog').count()).toBe(0)
  expect(await focused(page)).toBe('Message Harbour')

  await page.reload()
  await online(page)
  await tabTo(page, 'New chat', 'Shift+Tab')
  await tabTo(page, 'Skip to the message field', 'Shift+Tab')
  await page.keyboard.press('Enter')
  expect(await focused(page)).toBe('Message Harbour')
  expect(faults).toEqual([])
})

test('a new answer is announced once, in words, when it is finished', async () => {
  const { page } = await visit(browser, `${app.origin}/chat`)
  await online(page)
  const log = page.getByRole('log', { name: 'New messages' })
  expect(await log.innerText()).toBe('')
  await seen.field(page).fill('announce this')
  await page.keyboard.press('Enter')
  await log.getByText('Harbour: Echo: announce this').waitFor()
  expect(await log.locator('p').count()).toBe(1)
})

test('on a phone the list of chats is a drawer that takes and gives back the focus', async () => {
  const { page } = await visit(browser, `${app.origin}/chat`, phone)
  await online(page)
  const chats = page.getByRole('navigation', { name: 'Chats' })
  expect(await chats.isVisible()).toBe(false)
  await page.getByRole('button', { name: 'Open the list of chats' }).focus()
  await page.keyboard.press('Enter')
  await chats.waitFor()
  expect(await focused(page)).toBe('New chat')
  await page.keyboard.press('Escape')
  await chats.waitFor({ state: 'hidden' })
  expect(await focused(page)).toBe('Open the list of chats')
})

test('the appearance is chosen by the system, then by hand, and remembered', async () => {
  const { page } = await visit(browser, `${app.origin}/`, { colorScheme: 'dark' })
  const ground = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor')
  const dark = await ground()
  await page.getByRole('button', { name: 'Light appearance' }).click()
  const light = await ground()
  expect(light).not.toBe(dark)
  await page.goto(`${app.origin}/chat`)
  expect(await ground()).toBe(light)
})
