import { basename } from 'node:path'
import { readFaqFile } from '../answers/faq/file.ts'
import { ParleyError } from '../model/errors.ts'
import type { Language } from '../model/language.ts'

/** What is wrong with a FAQ file for a bot of these languages, each in a line; none: it can be answered from. */
export function faqFaults(path: string, languages: readonly Language[]): string[] {
  try {
    readFaqFile(path, languages)
    return []
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error
    // Each begins with the file; below its own the parser of YAML shows the place, which the line names.
    const faults = error.message.split('\n').filter((line) => line.includes(`${basename(path)}: `))
    return faults.map((fault) => fault.replace(/:$/, ''))
  }
}
