import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Booted, bootApp } from './boot.ts'
import { launch, type Visitor, visit } from './browser.ts'
import { echo, online, seen, words, write } from './conversation.ts'

let app: Booted
let browser: Browser
let visitor: Visitor
beforeAll(async () => {
  ;[app, browser] = await Promise.all([bootApp(), launch()])
  echo(app.models)
})
afterAll(async () => {
  await browser?.close()
  await app?.close()
})
afterEach(async () => {
  app.proxy.join()
  expect(visitor.faults).toEqual([])
  await visitor.context.close()
})

async function openChat() {
  visitor = await visit(browser, `${app.origin}/chat`)
  await online(visitor.page)
  return visitor.page
}

const offline = (page: Visitor['page']) => page.locator('.connection:not([data-state="online"])').waitFor()

test('two tabs stay in step, in messages and in the list of chats', async () => {
  const one = await openChat()
  const two = await visitor.context.newPage()
  await two.goto(one.url())
  await online(two)
  await write(one, 'From the first tab')
  await seen.answers(two).getByText('Echo: From the first tab').waitFor()
  await write(two, 'From the second tab')
  await seen.answers(one).getByText('Echo: From the second tab').waitFor()
  expect(await words(one)).toEqual(await words(two))
  await two.getByRole('button', { name: 'New chat' }).click()
  await write(two, 'Another subject')
  await one.getByRole('navigation', { name: 'Chats' }).getByText('Another subject').waitFor()
})

test('messages of the other tab arrive after a cut, without a gap or a duplicate', async () => {
  const one = await openChat()
  await write(one, 'Before the cut')
  await seen.answers(one).getByText('Echo: Before the cut').waitFor()
  app.proxy.cut()
  await offline(one)
  app.proxy.join()
  const two = await visitor.context.newPage()
  await two.goto(one.url())
  await write(two, 'During the cut')
  await seen.answers(two).getByText('Echo: During the cut').waitFor()
  await seen.answers(one).getByText('Echo: During the cut').waitFor()
  expect(await words(one)).toEqual(await words(two))
  expect(await words(one)).toHaveLength(4)
})

test('what is written offline is kept, also over a closed page, and sent exactly once', async () => {
  const page = await openChat()
  app.proxy.cut()
  await offline(page)
  await write(page, 'Written in a tunnel')
  await write(page, 'And one more')
  await page.getByText('Waiting for the connection').first().waitFor()
  await page.getByText('No connection. What you write is kept').waitFor()
  app.proxy.join()
  await seen.stored(page).nth(1).waitFor()
  await expect
    .poll(async () => (await words(page)).filter((text) => text.startsWith('Echo')).length)
    .toBeGreaterThan(0)
  await page.reload()
  await seen.stored(page).nth(1).waitFor()
  expect(await seen.own(page).allInnerTexts()).toEqual(['Written in a tunnel', 'And one more'])
  expect(
    await page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('parley.outbox'))"),
  ).toEqual([])
})

test('a message whose page was closed before it left is sent by the next page', async () => {
  const page = await openChat()
  const address = page.url()
  app.proxy.cut()
  await offline(page)
  await write(page, 'Left behind')
  await page.close()
  app.proxy.join()
  const next = await visitor.context.newPage()
  await next.goto(address)
  await seen.answers(next).getByText('Echo: Left behind').waitFor()
  expect(await seen.own(next).allInnerTexts()).toEqual(['Left behind'])
})

test('a refused message stays visible, can be tried again, and can be deleted', async () => {
  visitor = await visit(browser, 'about:blank')
  const { page } = visitor
  let refusals = 2
  await page.routeWebSocket('**/ws', (near) => {
    const far = near.connectToServer()
    near.onMessage((data) => {
      const id = /"type":"send".*"id":"([^"]+)"/.exec(String(data))?.[1]
      if (id === undefined || refusals === 0) return far.send(data)
      refusals -= 1
      near.send(JSON.stringify({ type: 'error', code: 'RATE_LIMITED', message: '', id }))
    })
  })
  await page.goto(`${app.origin}/chat`)
  await online(page)
  await write(page, 'Too fast')
  await page.getByRole('alert').getByText('Not sent. That was a lot at once.').waitFor()
  await page.reload()
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByRole('alert').getByText('Not sent.').waitFor()
  await page.getByRole('button', { name: 'Try again' }).click()
  await seen.answers(page).getByText('Echo: Too fast').waitFor()
  expect(await page.getByRole('alert').count()).toBe(0)
  refusals = 1
  await write(page, 'Better not')
  await page.getByRole('button', { name: 'Delete' }).click()
  expect(await seen.own(page).allInnerTexts()).toEqual(['Too fast'])
})

test('a restart of the server goes unnoticed but for a moment', async () => {
  const page = await openChat()
  await write(page, 'Before the restart')
  await seen.answers(page).getByText('Echo: Before the restart').waitFor()
  await app.restart()
  await write(page, 'After the restart')
  await seen.answers(page).getByText('Echo: After the restart').waitFor()
  expect(await seen.own(page).allInnerTexts()).toEqual(['Before the restart', 'After the restart'])
})

test('a browser that lost its cookie gets a new one and goes on', async () => {
  const page = await openChat()
  await visitor.context.clearCookies()
  app.proxy.cut()
  await offline(page)
  app.proxy.join()
  await online(page)
  await write(page, 'Who am I?')
  await seen.answers(page).getByText('Echo: Who am I?').waitFor()
})
