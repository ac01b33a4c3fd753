import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Booted, bootApp } from './boot.ts'
import { launch, phone, type Visitor, visit } from './browser.ts'
import { answerWith, online, seen } from './conversation.ts'

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

async function openChat(look: Parameters<typeof visit>[2] = {}) {
  visitor = await visit(browser, `${app.origin}/chat`, look)
  await online(visitor.page)
  return visitor.page
}

const question = 'كم سعر التطبيق؟ عاجل!'
const answer = `# الأسعار هنا!

السعر يبدأ من \`npm run price!\` تقريبًا!

- أول خيار!
- ثاني خيار!

> ملاحظة مهمة!

| الخدمة | السعر |
|---|---|
| تطبيق! | 5000 |

\`\`\`sh
echo "done!"
\`\`\`

And the end is English!`

const answers = 'li.message-theirs:not([data-streaming="true"]) .markdown'

/** The direction of an element, and of each of its lines whether it ends left of where it begins, as Arabic does. */
const lookAt = (page: Page, selector: string) =>
  page.evaluate(`(() => {
    const element = document.querySelector(${JSON.stringify(selector)})
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
    const range = document.createRange()
    const lines = [[]]
    while (texts.nextNode()) {
      for (const [at, character] of [...texts.currentNode.data].entries()) {
        if (character === '\\n') lines.push([])
        range.setStart(texts.currentNode, at)
        range.setEnd(texts.currentNode, at + 1)
        if (range.getBoundingClientRect().width > 0) lines.at(-1).push(range.getBoundingClientRect())
      }
    }
    const endsLeft = (line) => line.at(-1).right <= line[0].left
    return [getComputedStyle(element).direction, ...lines.filter((line) => line.length > 1).map(endsLeft)]
  })()`)

const directionOf = (page: Page, selector: string) =>
  page.evaluate(`getComputedStyle(document.querySelector(${JSON.stringify(selector)})).direction`)

test.each([
  ['a desk', {}],
  ['a phone', phone],
])('Arabic runs from the right, with its exclamation mark at the left, on %s', async (_, look) => {
  answerWith(app.models, answer)
  const page = await openChat(look)
  await seen.field(page).fill(question)
  expect(await directionOf(page, 'textarea')).toBe('rtl')
  await page.keyboard.press('Enter')
  await seen.answers(page).getByText('And the end is English!').waitFor()
  for (const one of ['.bubble', `${answers} h3`, `${answers} li`, `${answers} blockquote p`, `${answers} td`])
    expect(await lookAt(page, one), one).toEqual(['rtl', true])
  for (const one of [`${answers} p code`, `${answers} .code pre code`, `${answers} > p:last-child`])
    expect(await lookAt(page, one), one).toEqual(['ltr', false])
  for (const one of [`${answers} > p`, '.session']) expect(await directionOf(page, one), one).toBe('rtl')
  const rightOf = (selector: string) =>
    page.evaluate(`document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect().right`)
  expect(await rightOf(`${answers} th`)).toBe(await rightOf(answers))
})

test('each line of a message runs as its own words do', async () => {
  answerWith(app.models, 'Sure.')
  const page = await openChat()
  await seen.field(page).fill('Hello!')
  expect(await directionOf(page, 'textarea')).toBe('ltr')
  await page.keyboard.press('Shift+Enter')
  await page.keyboard.insertText('كم السعر!')
  await page.keyboard.press('Enter')
  await seen.answers(page).getByText('Sure.').waitFor()
  expect(await lookAt(page, '.bubble')).toEqual(['ltr', false, true])
})
