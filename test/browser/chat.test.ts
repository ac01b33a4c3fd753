import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Booted, bootApp } from './boot.ts'
import { launch, type Visitor, visit } from './browser.ts'
import { answerWith, echo, online, seen, words, write } from './conversation.ts'

let app: Booted
let browser: Browser
let visitor: Visitor
beforeAll(async () => {
  ;[app, browser] = await Promise.all([bootApp(), launch()])
})
afterAll(async () => {
  await browser?.close()
  await app?.close()
})
afterEach(async () => {
  expect(visitor.faults).toEqual([])
  await visitor.context.close()
})

async function openChat() {
  visitor = await visit(browser, `${app.origin}/chat`)
  await online(visitor.page)
  return visitor.page
}

test('a stranger opens the page, asks, and is answered', async () => {
  echo(app.models)
  const page = await openChat()
  await page.getByRole('heading', { level: 2, name: 'Harbour' }).waitFor()
  await write(page, 'Are you open on Sunday?')
  expect(await seen.own(page).innerText()).toBe('Are you open on Sunday?')
  await seen.answers(page).getByText('Echo: Are you open on Sunday?').waitFor()
  await page.getByRole('navigation', { name: 'Chats' }).getByText('Are you open on Sunday?').waitFor()
})

test('an answer appears while it is made, and the finished one takes its place without a jump', async () => {
  const text = `${'One sentence after another. '.repeat(8)}\n\n\`\`\`ts\nconst answer = 42\n\`\`\`\n\nThe end.`
  answerWith(app.models, text, 15)
  const page = await openChat()
  await write(page, 'Tell me a long story')
  const preview = page.locator('li.message-theirs[data-streaming="true"]')
  await preview.waitFor()
  const bubble = await preview.elementHandle()
  const early = (await preview.innerText()).length
  await seen.answers(page).getByText('The end.').waitFor()
  expect(early).toBeLessThan(text.length)
  // The same element: its words changed, it was not taken away and put back.
  expect(await bubble?.isVisible()).toBe(true)
  expect(await bubble?.getAttribute('data-streaming')).toBe('false')
  expect(await seen.answers(page).count()).toBe(1)
  await page.locator('.code .hljs-keyword').waitFor()
})

test('a reload keeps the conversation and what was typed', async () => {
  echo(app.models)
  const page = await openChat()
  await write(page, 'Remember me')
  await seen.answers(page).getByText('Echo: Remember me').waitFor()
  const before = await words(page)
  await seen.field(page).fill('half a thought')
  await page.reload()
  await seen.answers(page).first().waitFor()
  expect(await words(page)).toEqual(before)
  expect(await seen.field(page).inputValue()).toBe('half a thought')
})

test('a pressed button answers, stays visible as chosen, and cannot be pressed twice', async () => {
  const page = await openChat()
  const services = page.locator('.reply', { hasText: 'What do you do?' })
  await services.click()
  await seen.answers(page).getByText('We build software').waitFor()
  expect(await services.getAttribute('aria-disabled')).toBe('true')
  await services.click({ force: true })
  await page.getByRole('button', { name: 'Prices, please' }).click()
  await seen.answers(page).getByText('5,000 USD').waitFor()
  expect(await seen.own(page).allInnerTexts()).toEqual(['What do you do?', 'Prices, please'])
  await page.reload()
  await seen.answers(page).getByText('5,000 USD').waitFor()
  expect(
    await page.getByRole('button', { name: 'Prices, please (chosen)' }).getAttribute('aria-disabled'),
  ).toBe('true')
})

test('the end of the conversation stays in sight while it grows', async () => {
  echo(app.models)
  const page = await openChat()
  for (let n = 1; n <= 12; n += 1) {
    await write(page, `Question ${n}`)
    await seen.answers(page).getByText(`Echo: Question ${n}.`).waitFor()
    expect(await page.getByRole('button', { name: 'New messages' }).count()).toBe(0)
  }
  await expect.poll(() => seen.answers(page).last().isVisible()).toBe(true)
  const answer = await seen.answers(page).last().boundingBox()
  expect((answer?.y ?? 0) + (answer?.height ?? 0)).toBeLessThan(page.viewportSize()?.height ?? 0)
})

test('a new chat starts empty, the old one is a click away, and going back works', async () => {
  echo(app.models)
  const page = await openChat()
  await write(page, 'First chat')
  await seen.answers(page).getByText('Echo: First chat').waitFor()
  const address = page.url()
  await page.getByRole('button', { name: 'New chat' }).click()
  await expect.poll(() => seen.messages(page).count()).toBe(0)
  await write(page, 'Second chat')
  await seen.answers(page).getByText('Echo: Second chat').waitFor()
  await page.getByRole('button', { name: 'First chat' }).click()
  await seen.answers(page).getByText('Echo: First chat').waitFor()
  expect(page.url()).toBe(address)
  await page.goBack()
  await seen.answers(page).getByText('Echo: Second chat').waitFor()
})

test('the counter nears, warns, and an overlong message is not sent', async () => {
  const page = await openChat()
  const send = page.getByRole('button', { name: 'Send' })
  expect(await send.isDisabled()).toBe(true)
  await seen.field(page).fill('x'.repeat(1900))
  await page.locator('.counter').getByText('100 characters left').waitFor()
  await seen.field(page).fill('x'.repeat(2001))
  await page.locator('.counter').getByText('1 character too many').waitFor()
  expect(await send.isDisabled()).toBe(true)
  await page.keyboard.press('Enter')
  expect(await seen.own(page).count()).toBe(0)
})

test('the pages speak Russian to a Russian browser', async () => {
  visitor = await visit(browser, `${app.origin}/chat`, { locale: 'ru-RU' })
  await visitor.page.getByRole('button', { name: 'Новый чат' }).waitFor()
  await visitor.page.getByRole('button', { name: 'Что вы делаете?' }).waitFor()
  expect(await visitor.page.locator('html').getAttribute('lang')).toBe('ru')
})
