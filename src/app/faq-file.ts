import { readFileSync } from 'node:fs'
import { type FaqFile, faqFaults, faqSchema } from '../answers/faq/file.ts'
import { parseYaml, readYamlFile } from '../config/file.ts'
import { formatPath, type NameSetting, problemsOf } from '../config/issues.ts'
import { formatProblem, type Problem } from '../config/problem.ts'
import { ParleyError } from '../model/errors.ts'
import type { Language } from '../model/language.ts'

/** Reads FAQ files. What was checked is not read again when it is used, as at a start. */
export interface FaqReader {
  /** What is wrong with a file for a bot of these languages, each with its line; none: it can be answered from. */
  problems(path: string, languages: readonly Language[]): Problem[]
  /** Throws CONFIG_INVALID with every problem at once. */
  read(path: string, languages: readonly Language[]): FaqFile
}

interface Judged {
  path: string
  source: string
  languages: string
  result: FaqFile | Problem[]
}

/** Two megabytes of questions and answers are a book. */
const options = { first: 'entries', most: 4 * 1024 * 1024 }

export function createFaqReader(): FaqReader {
  let last: Judged | undefined

  function judge(path: string, languages: readonly Language[]): FaqFile | Problem[] {
    const source = contentOf(path)
    if (source === undefined) return readYamlFile(path, options).problems
    const spoken = languages.join()
    if (last?.path !== path || last.source !== source || last.languages !== spoken)
      last = { path, source, languages: spoken, result: judgeFaq(path, source, languages) }
    return last.result
  }

  return {
    problems(path, languages) {
      const result = judge(path, languages)
      return Array.isArray(result) ? result : []
    },
    read(path, languages) {
      const result = judge(path, languages)
      last = undefined
      if (!Array.isArray(result)) return result
      throw new ParleyError('CONFIG_INVALID', result.map(formatProblem).join('\n'))
    },
  }
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined // Whoever reads it as a file says why.
  }
}

function judgeFaq(path: string, source: string, languages: readonly Language[]): FaqFile | Problem[] {
  const { content, problems, locate } = parseYaml(path, source, options)
  if (problems.length > 0) return problems
  const name: NameSetting = (at) => `${placeOf(at, content)} (${locate(at)})`
  const checked = faqSchema.safeParse(content, { reportInput: true })
  if (!checked.success) return problemsOf(checked.error.issues, name, faqSchema)
  const faults = faqFaults(checked.data, languages)
  if (faults.length === 0) return checked.data
  return faults.map(({ path: at, found, expected }) => ({ setting: name(at), found, expected }))
}

/** `entry "pricing-rate", ru.answer`: entries are named by their id where they have one. */
function placeOf(path: readonly PropertyKey[], { entries }: Record<string, unknown>): string {
  const [first, position, ...rest] = path
  if (first !== 'entries' || typeof position !== 'number') return formatPath(path) || 'the file'
  const entry: unknown = Array.isArray(entries) ? entries[position] : undefined
  const id = typeof entry === 'object' && entry !== null && 'id' in entry ? entry.id : undefined
  const named = typeof id === 'string' && id.length <= 60 ? `"${id}"` : `number ${position + 1}`
  return rest.length === 0 ? `entry ${named}` : `entry ${named}, ${formatPath(rest)}`
}
