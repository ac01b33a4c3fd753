import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Debian's Chromium, or the one `CHROMIUM_PATH` names. */
export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium', args: flags })

export interface Visitor {
  context: BrowserContext
  page: Page
  /** What went wrong on any page of this visitor: errors of scripts, and files the content policy refused. */
  faults: string[]
}

type Look = Parameters<Browser['newContext']>[0]

/** A new anonymous person with a tab open at `address`. */
export async function visit(browser: Browser, address: string, look: Look = {}): Promise<Visitor> {
  const context = await browser.newContext({ locale: 'en-US', timezoneId: 'UTC', ...look })
  const faults: string[] = []
  context.on('page', (page) => {
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('console', (message) => {
      const expected = /WebSocket connection|ERR_CONNECTION|ERR_EMPTY_RESPONSE/.test(message.text())
      if (message.type() === 'error' && !expected) faults.push(message.text())
    })
  })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  await page.goto(address)
  return { context, page, faults }
}

export const phone = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
  deviceScaleFactor: 1,
}
export const desk = { viewport: { width: 1280, height: 800 } }
