// How well the agency's FAQ is matched by questions it has not seen: a fifth of the file's questions is left out at a
// time and asked of the rest.
//
//   node bench/faq-folds.ts      lists what goes wrong
import { join } from 'node:path'
import type { FaqFile } from '../src/answers/faq/file.ts'
import { prepareFaq } from '../src/answers/faq/load.ts'
import { createFaqReader } from '../src/app/faq-file.ts'
import { languages } from '../src/model/language.ts'
import { type Asked, askCases, type Case } from './faq-measurement.ts'

const folds = 5

/** The file without every fifth question, and those left out. */
function foldOf(file: FaqFile, fold: number): { file: FaqFile; left: Case[] } {
  const left: Case[] = []
  const split = (texts: string[], language: Case['language'], expected: string | undefined): string[] =>
    texts.filter((text, position) => {
      const out = position % folds === fold
      if (out) left.push({ language, text, expected })
      return !out
    })
  const entries = file.entries.map((entry) => {
    const kept = { ...entry }
    for (const language of languages) {
      const texts = entry[language]
      if (texts) kept[language] = { ...texts, variants: split(texts.variants, language, entry.id) }
    }
    return kept
  })
  const { en, ru } = file.not_answered
  const notAnswered = { en: split(en, 'en', undefined), ru: split(ru, 'ru', undefined) }
  return { file: { ...file, entries, not_answered: notAnswered }, left }
}

/** Asks every question of the file, each while it is left out. */
export async function askFolds(): Promise<Asked[]> {
  const file = createFaqReader().read(join(import.meta.dirname, '../examples/agency/faq.yaml'), languages)
  const asked: Asked[] = []
  for (let fold = 0; fold < folds; fold += 1) {
    const { file: rest, left } = foldOf(file, fold)
    asked.push(...(await askCases('folds', left, prepareFaq(rest))))
  }
  return asked
}

if (import.meta.main) {
  for (const { language, text, expected = '-', answered = '-' } of await askFolds())
    if (expected !== answered) process.stdout.write(`${language}  ${expected} → ${answered}  ${text}\n`)
}
