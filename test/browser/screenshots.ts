/** Writes the pictures of the README: `node test/browser/screenshots.ts`. Needs the built pages and Chromium. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { type Booted, bootApp } from './boot.ts'
import { desk, launch, phone, visit } from './browser.ts'
import { answerWith, online, seen, write } from './conversation.ts'

const folder = join(import.meta.dirname, '../../docs/images')
const dayMs = 24 * 3600 * 1000

const pipeline = `For each of the three it would be a file like this, which builds and tests **every push**:

\`\`\`yaml
on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: npm ci && npm test # about 40 seconds
\`\`\`

Shall an engineer look at your repositories and estimate it?`

const earlier = [
  { days: 9, text: 'Do you work with Terraform?' },
  { days: 1, text: 'Is there support at night?' },
  { days: 1, text: 'How do payments work?' },
]

let ago = 0
const clock = { now: () => Date.now() - ago }
const fresh = await bootApp({ example: true, model: false })
const asked = await bootApp({ example: true, clock })
const browser = await launch()
await mkdir(folder, { recursive: true })
for (const [name, look] of Object.entries({ desktop: desk, phone })) {
  for (const colorScheme of ['light', 'dark'] as const) {
    const settled = { ...look, colorScheme, reducedMotion: 'reduce' as const }
    await portrayFresh(fresh, settled, `${name}-${colorScheme}`)
    await portrayConversation(asked, settled, `${name}-${colorScheme}`)
  }
}
await browser.close()
await Promise.all([fresh.close(), asked.close()])

type Look = Parameters<typeof visit>[2]

async function portrayFresh({ origin }: Booted, look: Look, name: string): Promise<void> {
  const { page, context } = await visit(browser, `${origin}/`, look)
  await page.getByText('SQLite').waitFor()
  await shoot(page, `landing-${name}`)
  await page.goto(`${origin}/chat`)
  await page.locator('.greeting .reply').first().waitFor()
  await shoot(page, `chat-empty-${name}`)
  await context.close()
}

async function portrayConversation({ origin, models }: Booted, look: Look, name: string): Promise<void> {
  const { page, context } = await visit(browser, `${origin}/chat`, look)
  await online(page)
  for (const { days, text } of earlier) await chatOf(page, days, text)
  ago = 0
  await ask(page, 'How much does CI/CD cost?')
  await page.getByRole('button', { name: 'What a project costs' }).click()
  await seen.answers(page).nth(1).waitFor()
  answerWith(models, pipeline)
  await ask(page, 'And what would that look like in ours?')
  await page.locator('.hljs-attr').first().waitFor()
  await shoot(page, `chat-${name}`)
  await context.close()
}

/** A chat of another day, for the list. */
async function chatOf(page: Page, days: number, text: string): Promise<void> {
  ago = days * dayMs
  await ask(page, text)
  await page.evaluate("document.querySelector('.new-chat').click()")
  await seen.messages(page).first().waitFor({ state: 'detached' })
}

async function ask(page: Page, text: string): Promise<void> {
  const before = await seen.answers(page).count()
  await write(page, text)
  await seen.answers(page).nth(before).waitFor()
}

async function shoot(page: Page, name: string): Promise<void> {
  await page.evaluate('document.activeElement.blur()')
  // What the last change still draws.
  await page.waitForTimeout(400)
  await page.screenshot({ path: join(folder, `${name}.png`) })
}
