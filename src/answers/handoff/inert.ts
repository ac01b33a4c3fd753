import { quoted } from '../../model/markdown.ts'

/**
 * A person's words as one line of code in Markdown. Platforms make names, links, commands and tags live wherever they
 * stand, escaped or quoted, but not in code (Telegram: td/telegram/MessageEntity.cpp, `merge_new_entities`). Empty when
 * the words are.
 */
export function inert(words: string, limit: number): string {
  // Folded and cut as everywhere; a backslash would be shown in code.
  const line = quoted(words, limit).replace(/\\(.)/g, '$1')
  if (line === '') return ''
  const runs = line.match(/`+/g) ?? []
  const mark = '`'.repeat(Math.max(0, ...runs.map((run) => run.length)) + 1)
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : ''
  return `${mark}${pad}${line}${pad}${mark}`
}
