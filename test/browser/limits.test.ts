import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Booted, bootApp } from './boot.ts'
import { launch, type Visitor, visit } from './browser.ts'
import { echo, online, seen, words, write } from './conversation.ts'

let app: Booted
let browser: Browser
let visitor: Visitor
beforeAll(async () => {
  browser = await launch()
})
afterAll(() => browser?.close())
afterEach(async () => {
  expect(visitor.faults).toEqual([])
  await visitor.context.close()
  await app.close()
})

async function openChat(limits: string) {
  app = await bootApp({ limits })
  echo(app.models)
  visitor = await visit(browser, `${app.origin}/chat`)
  await online(visitor.page)
  return visitor.page
}

test('who writes more than the limit reads so in the conversation, once', async () => {
  const page = await openChat('{ per_hour: 2 }')
  for (const text of ['The first', 'The second']) {
    await write(page, text)
    await seen.answers(page).getByText(`Echo: ${text}`).waitFor()
  }
  await write(page, 'The third')
  await seen.answers(page).getByText('You have reached the limit of 2 messages an hour').waitFor()
  await write(page, 'The fourth')
  await seen.stored(page).nth(3).waitFor()
  await page.reload()
  await seen.stored(page).nth(3).waitFor()
  expect((await words(page)).filter((text) => text.includes('reached the limit'))).toHaveLength(1)
  expect(await seen.own(page).allInnerTexts()).toEqual(['The first', 'The second', 'The third', 'The fourth'])
})

test('a message that comes too fast waits where it stands, and says why', async () => {
  // The page, its theme and its socket are three.
  const page = await openChat('{ per_address: 5 }')
  for (const text of ['One', 'Two', 'Three']) await write(page, text)
  await page.getByText('That was a lot at once. Wait a moment.').waitFor()
  await page.locator('.connection[data-state="online"]').waitFor()
  expect(await seen.stored(page).count()).toBe(2)
  expect(await seen.own(page).allInnerTexts()).toEqual(expect.arrayContaining(['One', 'Two', 'Three']))
})
