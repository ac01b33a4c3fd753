import { isScalar, parseDocument } from 'yaml'

export interface FaqSetting {
  /** As it is written; empty where there is none. */
  named: string
  /** The same text with another file named, and every other letter as it was. */
  replaced(path: string): string
}

/** Which file the text of a parley.yaml names as its FAQ. */
export function faqSetting(text: string): FaqSetting {
  const node = parseDocument(text).getIn(['bot', 'faq'], true)
  if (!isScalar(node) || !node.range) return { named: '', replaced: () => text }
  const [from, to] = node.range
  const end = text.slice(from, to).endsWith('\n') ? '\n' : ''
  return {
    named: String(node.value),
    replaced: (path) => text.slice(0, from) + JSON.stringify(path) + end + text.slice(to),
  }
}
