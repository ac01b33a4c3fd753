import type { z } from 'zod'
import { fileSchema, type Settings } from './schema.ts'

/**
 * Judges the content by the schema. What is wrong is left out of the settings, so that the checks of combinations
 * can still look at the rest, and every problem is found in one go.
 */
export function judge(content: Record<string, unknown>): { settings: Settings; issues: z.core.$ZodIssue[] } {
  const issues: z.core.$ZodIssue[] = []
  let rest = structuredClone(content)
  for (;;) {
    const parsed = fileSchema.safeParse(rest, { reportInput: true })
    if (parsed.success) return { settings: parsed.data, issues }
    // Only the first round sees the content as it was written; the next ones complain about what was left out.
    if (issues.length === 0) issues.push(...parsed.error.issues)
    const before = JSON.stringify(rest)
    for (const issue of parsed.error.issues) remove(rest, issue)
    if (JSON.stringify(rest) === before) rest = {}
  }
}

function remove(content: Record<string, unknown>, issue: z.core.$ZodIssue): void {
  const keys =
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path]
  for (const path of keys) removeAt(content, path)
}

/** Removes a setting; of a list, the whole list. */
function removeAt(content: Record<string, unknown>, path: readonly PropertyKey[]): void {
  let current: object = content
  for (const [depth, key] of path.entries()) {
    const next: unknown = Reflect.get(current, key)
    if (depth === path.length - 1 || typeof next !== 'object' || next === null || Array.isArray(next)) {
      Reflect.deleteProperty(current, key)
      return
    }
    current = next
  }
}
