import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type { FakeModels } from '../fakes/model/server.ts'

/** What a person sees and touches of the chat page. */
export const seen = {
  field: (page: Page) => page.getByRole('textbox'),
  messages: (page: Page) => page.locator('li.message'),
  own: (page: Page) => page.locator('li.message-own .bubble'),
  stored: (page: Page) => page.locator('li.message-own[data-state="stored"]'),
  answers: (page: Page) => page.locator('li.message-theirs:not([data-streaming="true"]) .markdown'),
  connection: (page: Page) => page.locator('.connection'),
}

export const online = (page: Page) => page.locator('.connection[data-state="online"]').waitFor()

export async function write(page: Page, text: string): Promise<void> {
  await seen.field(page).fill(text)
  await page.keyboard.press('Enter')
}

/** Waits until the newest message is on the screen and no movement is left. */
export const atEnd = (page: Page) =>
  expect
    .poll(() =>
      page.evaluate(
        "(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight)(document.querySelector('.scroller'))",
      ),
    )
    .toBeLessThan(2)

/** The words of every message on the page, from top to bottom. */
export const words = (page: Page): Promise<string[]> =>
  page.locator('li.message-own .bubble, li.message-theirs .markdown').allInnerTexts()

/** The words the model was asked with last. */
export function lastWords(body: unknown): string {
  if (typeof body !== 'object' || body === null || !('messages' in body) || !Array.isArray(body.messages))
    return ''
  const last: unknown = body.messages.at(-1)
  const content = typeof last === 'object' && last !== null && 'content' in last ? last.content : ''
  return typeof content === 'string' ? content : JSON.stringify(content)
}

const longEnough = 'That is all I can say about it for the moment, and I am quite sure of every word.'

/** The model repeats what it is asked, surely enough not to offer a person. */
export function echo(models: FakeModels): void {
  models.always(({ body }) => ({ tokens: [`Echo: ${lastWords(body)}. `, longEnough] }))
}

/** The model answers with this text, in pieces of a few characters. */
export function answerWith(models: FakeModels, text: string, tokenMs = 0): void {
  models.always({ tokens: text.match(/[\s\S]{1,6}/g) ?? [text], tokenMs })
}
