import { type MouseEvent, memo, useDeferredValue, useLayoutEffect, useMemo, useRef } from 'react'
import { texts } from '../../ui/language.ts'
import { copyText } from './copy.ts'
import { highlightWithin } from './highlight.ts'
import { sanitize } from './sanitize.ts'
import { markdownToHtml } from './to-html.ts'
import { keepAddressesWhole } from './whole.ts'

/** How long a copy button tells what happened, in milliseconds. */
const toldFor = 2000

/** Markdown of the bot or staff, drawn safely. */
export const Markdown = memo(function Markdown({ text }: { text: string }) {
  const element = useRef<HTMLDivElement>(null)
  // A stream faster than the page can draw skips what is outdated.
  const shown = useDeferredValue(text)
  const html = useMemo(() => ({ __html: sanitize(markdownToHtml(shown, texts.copy)) }), [shown])
  useLayoutEffect(() => {
    if (!element.current) return
    // A block runs as its words do; what is inside of it, a list's entries say, follows.
    for (const block of element.current.children) block.setAttribute('dir', 'auto')
    highlightWithin(element.current)
    keepAddressesWhole(element.current)
  }, [html])
  return <div className="markdown" ref={element} onClick={copyCode} dangerouslySetInnerHTML={html} />
})

/** One listener for the copy buttons inside, which are not React's. */
async function copyCode({ target }: MouseEvent): Promise<void> {
  if (!(target instanceof HTMLButtonElement) || target.dataset.copy === undefined) return
  const code = target.closest('.code')?.querySelector('code')
  if (!code) return
  target.textContent = (await copyText(code.textContent)) ? texts.copied : texts.copyFailed
  setTimeout(() => {
    target.textContent = texts.copy
  }, toldFor)
}
