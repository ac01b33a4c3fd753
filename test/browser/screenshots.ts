/** Writes the pictures of the README: `node test/browser/screenshots.ts`. Needs the built pages and Chromium. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { type Booted, bootApp } from './boot.ts'
import { desk, launch, phone, visit } from './browser.ts'
import { answerWith, online, seen, write } from './conversation.ts'

const folder = join(import.meta.dirname, '../../docs/images')
const dayMs = 24 * 3600 * 1000

const pipeline = `Yes. We usually begin with one pipeline that builds and tests **every push**, then add a release step per service:

\`\`\`yaml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: npm ci && npm test # about 40 seconds
\`\`\`

For three services that takes about **two weeks**. Shall I prepare an estimate?`

let ago = 0
const app = await bootApp({ now: () => Date.now() - ago })
const browser = await launch()
await mkdir(folder, { recursive: true })
for (const [name, look] of Object.entries({ desktop: desk, phone })) {
  for (const colorScheme of ['light', 'dark'] as const) {
    await portray(
      app,
      browser,
      { ...look, colorScheme, reducedMotion: 'reduce' as const },
      `${name}-${colorScheme}`,
    )
  }
}
await browser.close()
await app.close()

type Look = Parameters<typeof visit>[2]

async function portray(booted: Booted, with_: Browser, look: Look, name: string): Promise<void> {
  const { page, context } = await visit(with_, `${booted.origin}/`, look)
  await page.getByText('Database').waitFor()
  await shoot(page, `landing-${name}`)
  await page.goto(`${booted.origin}/chat`)
  await online(page)
  await page.getByRole('heading', { level: 2, name: 'Harbour' }).waitFor()
  await shoot(page, `chat-empty-${name}`)
  await earlierChats(booted, page)
  answerWith(booted.models, 'Good to meet you! Tell me what you need, or choose a subject above.')
  await write(page, 'Hi! We run a small web shop.')
  await seen.answers(page).getByText('Good to meet you').waitFor()
  await page.locator('.reply', { hasText: 'What do you do?' }).click()
  await page.getByRole('button', { name: 'Prices, please' }).click()
  await seen.answers(page).getByText('5,000 USD').waitFor()
  answerWith(booted.models, pipeline)
  await write(page, 'Can you set up CI for three services?')
  await seen.answers(page).getByText('prepare an estimate').waitFor()
  await page.locator('.hljs-attr').first().waitFor()
  await shoot(page, `chat-${name}`)
  await context.close()
}

/** Chats of other days, for the list. */
async function earlierChats({ models }: Booted, page: Page): Promise<void> {
  answerWith(models, 'We keep it running for as long as you like: on demand, or with a retainer each month.')
  for (const [days, text] of [
    [9, 'Do you know Terraform?'],
    [1, 'Who looks after it at night?'],
    [1, 'How do payments work?'],
  ] as const) {
    ago = days * dayMs
    await write(page, text)
    await seen.answers(page).getByText('We keep it running').waitFor()
    await page.evaluate("document.querySelector('.new-chat').click()")
    await seen.messages(page).first().waitFor({ state: 'detached' })
  }
  ago = 0
}

async function shoot(page: Page, name: string): Promise<void> {
  await page.evaluate('document.activeElement.blur()')
  // One frame for what the last change still draws.
  await page.waitForTimeout(400)
  await page.screenshot({ path: join(folder, `${name}.png`) })
}
