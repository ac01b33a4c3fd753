import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Booted, bootApp } from './boot.ts'
import { launch, visit } from './browser.ts'
import { answerWith, online, seen, write } from './conversation.ts'

let app: Booted
let browser: Browser
beforeAll(async () => {
  ;[app, browser] = await Promise.all([bootApp(), launch()])
})
afterAll(async () => {
  await browser?.close()
  await app?.close()
})

const payload = [
  '<img src=x onerror="window.attacked=1">',
  '<script>window.attacked=2</script>',
  '<svg onload="window.attacked=3"></svg>',
  '<iframe srcdoc="<script>parent.attacked=4</script>"></iframe>',
  '<style>body{display:none}</style>',
  '[press](javascript:window.attacked=5)',
  '[press](JaVaScRiPt&colon;window.attacked=6)',
  '[press](data:text/html,<script>window.attacked=7</script>)',
  '![picture](https://tracker.example/pixel.png)',
  '<a href="javascript:window.attacked=8">press</a>',
  '<form action="https://evil.example"><input name="password"></form>',
  '`<img src=x onerror=window.attacked=9>`',
  '```"onmouseover="window.attacked=10\n<img src=x onerror=window.attacked=11>\n```',
  '[fine](https://example.com/page)',
].join('\n\n')

/** What an attacker would need and must not find. */
const dangers =
  'img, script, iframe, style, svg:not(.icon):not(.mark), form, input, object, embed, [onerror], [onload], [onmouseover]'

async function expectHarmless(page: Page): Promise<void> {
  expect(await page.locator('.markdown').locator(dangers).count()).toBe(0)
  const addresses = await page.evaluate(
    "[...document.querySelectorAll('.markdown a')].map((link) => link.href)",
  )
  expect(addresses).toEqual(['https://tracker.example/pixel.png', 'https://example.com/page'])
  expect(await page.evaluate('window.attacked')).toBeUndefined()
}

test('whatever a model writes stays words and plain links', async () => {
  answerWith(app.models, payload, 1)
  const { page, faults, context } = await visit(browser, `${app.origin}/chat`)
  const requested: string[] = []
  context.on('request', (request) => requested.push(new URL(request.url()).host))
  await online(page)
  await write(page, 'Attack me')
  await seen.answers(page).getByRole('link', { name: 'fine' }).waitFor()
  await expectHarmless(page)
  const link = seen.answers(page).getByRole('link', { name: 'fine' })
  expect(await link.getAttribute('target')).toBe('_blank')
  expect(await link.getAttribute('rel')).toContain('noopener')
  await page.reload()
  await seen.answers(page).getByRole('link', { name: 'fine' }).waitFor()
  await expectHarmless(page)
  expect(new Set(requested)).toEqual(new Set([new URL(app.origin).host]))
  expect(faults).toEqual([])
})

test('what a person writes is shown as written', async () => {
  answerWith(app.models, 'I see what you did there, and it does nothing at all, as it should be.')
  const { page } = await visit(browser, `${app.origin}/chat`)
  await online(page)
  const text = '<img src=x onerror=window.attacked=1> **not bold** [x](javascript:1)'
  await write(page, text)
  await seen.answers(page).getByText('I see what you did there').waitFor()
  expect(await seen.own(page).innerText()).toBe(text)
  expect(await page.locator('.session').first().innerText()).toContain('<img')
  expect(await page.evaluate('window.attacked')).toBeUndefined()
})

test('the pages run under a content policy without inline scripts', async () => {
  for (const path of ['/', '/chat']) {
    const response = await fetch(app.origin + path)
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'self';(?!.*unsafe-inline)/)
    expect(response.headers.get('content-security-policy')).not.toMatch(/script-src[^;]*unsafe/)
    const html = await response.text()
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)/)
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/)
  }
})
