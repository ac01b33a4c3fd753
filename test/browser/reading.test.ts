import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Booted, bootApp } from './boot.ts'
import { launch, phone, type Visitor, visit } from './browser.ts'
import { answerWith, atEnd, echo, online, seen, write } from './conversation.ts'

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

const long = `It begins here.\n\n${'One sentence after another, and none too many. '.repeat(60)}\n\nThe end.`

async function openOnPhone(): Promise<Page> {
  visitor = await visit(browser, `${app.origin}/chat`, phone)
  await online(visitor.page)
  return visitor.page
}

/** Where the list begins and a text stands on the screen, in pixels from the top. */
async function places(page: Page, text: string) {
  const list = await page.locator('.scroller').boundingBox()
  const box = await page.getByText(text, { exact: true }).last().boundingBox()
  return { above: (box?.y ?? Number.NaN) - (list?.y ?? 0), height: list?.height ?? 0 }
}

const latest = (page: Page) => page.locator('.to-latest')

test.each([
  ['at once', 0],
  ['in pieces', 5],
])('an answer longer than the view that comes %s is read from its beginning', async (_, tokenMs) => {
  echo(app.models)
  const page = await openOnPhone()
  for (const n of [1, 2, 3, 4]) {
    await write(page, `Question ${n}`)
    await seen.answers(page).getByText(`Echo: Question ${n}.`).waitFor()
  }
  await atEnd(page)
  answerWith(app.models, long, tokenMs)
  await write(page, 'Tell me all of it')
  await seen.answers(page).getByText('The end.').waitFor({ state: 'attached' })
  // The question stands at the top, the answer's first line below it, its end below the view.
  const question = await places(page, 'Tell me all of it')
  const first = await places(page, 'It begins here.')
  expect(question.above).toBeGreaterThanOrEqual(0)
  expect(question.above).toBeLessThan(60)
  expect(first.above).toBeLessThan(first.height / 2)
  expect((await places(page, 'The end.')).above).toBeGreaterThan(first.height)

  // The way back covers no line of it, and is a line itself.
  const list = await page.locator('.scroller').boundingBox()
  const button = await latest(page).boundingBox()
  expect(button?.y).toBeGreaterThanOrEqual((list?.y ?? 0) + (list?.height ?? 0))
  expect(button?.height).toBeLessThan(44)

  await latest(page).click()
  await atEnd(page)
  await expect.poll(() => latest(page).count()).toBe(0)
  // Whoever is at the end again follows it again.
  echo(app.models)
  await write(page, 'And now?')
  await seen.answers(page).getByText('Echo: And now?').waitFor()
  await atEnd(page)
  expect(await latest(page).count()).toBe(0)
})

test('a reader who goes to the end while the answer grows stays there', async () => {
  answerWith(app.models, long, 8)
  const page = await openOnPhone()
  await write(page, 'Tell me all of it')
  await latest(page).click()
  await seen.answers(page).getByText('The end.').waitFor()
  await atEnd(page)
  expect(await latest(page).count()).toBe(0)
})

test('a question taller than a third of the view makes way for the answer', async () => {
  answerWith(app.models, long)
  const page = await openOnPhone()
  const question = 'I should like to know all there is to know about it. '.repeat(15).trim()
  await write(page, question)
  await seen.answers(page).getByText('The end.').waitFor({ state: 'attached' })
  await latest(page).waitFor()
  const first = await places(page, 'It begins here.')
  expect(first.above).toBeGreaterThanOrEqual(0)
  expect(first.above).toBeLessThan(100)
})

test('an e-mail address, a phone number and the word “e-mail” stay on one line', async () => {
  const addresses = ['lead-of-sales@our-example.org', '+1 202-555-0100', '+7 (916) 123-45-67', 'e-mail']
  // Each behind words of every length, so that some would be broken.
  const lines = Array.from({ length: 24 }, (_, n) => `${'x'.repeat(n + 8)} at ${addresses[n % 4]} today`)
  answerWith(app.models, `${lines.join('\n\n')}\n\nWritten bob\\@exa-mple\\.org so.`)
  const page = await openOnPhone()
  await write(page, 'How do I reach you?')
  await seen.answers(page).getByText('exa-mple.org').waitFor({ state: 'attached' })
  const whole = page.locator('.whole')
  expect(await whole.count()).toBe(25)
  for (const height of await whole.evaluateAll((all) =>
    all.map((each) => each.getBoundingClientRect().height),
  ))
    expect(height).toBeLessThan(32)
})
