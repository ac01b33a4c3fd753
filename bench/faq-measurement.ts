import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Answerer, Turn } from '../src/answers/answers.ts'
import { createFaq } from '../src/answers/faq/faq.ts'
import { type Faq, prepareFaq } from '../src/answers/faq/load.ts'
import { wishIn } from '../src/answers/handoff/wish.ts'
import { createFaqReader } from '../src/app/faq-file.ts'
import { type Language, languages } from '../src/model/language.ts'

/** What was asked, what should have answered (nothing, where undefined), and what did. */
export interface Asked {
  set: string
  language: Language
  category: string
  text: string
  expected: string | undefined
  /** The rule of the trace; undefined when the FAQ passed the question on. */
  answered: string | undefined
  milliseconds: number
}

const texts = z.strictObject({ en: z.array(z.string()), ru: z.array(z.string()) })
const questionSet = z.object({ paraphrases: z.record(z.string(), texts), offTopic: texts })

const root = join(import.meta.dirname, '..')

export const loadAgencyFaq = (): Faq =>
  prepareFaq(createFaqReader().read(join(root, 'examples/agency/faq.yaml'), languages))

/** Asks every question and variant of the file itself. */
export const askOriginals = (faq: Faq): Promise<Asked[]> => askCases('originals', originalsOf(faq), faq)

function originalsOf(faq: Faq): Case[] {
  return [...faq.entries.values()].flatMap((entry) =>
    languages.flatMap((language) => {
      const texts = entry[language]
      const questions = texts ? [texts.question, ...texts.variants] : []
      return questions.map((text) => ({ language, text, expected: entry.id }))
    }),
  )
}

/** Words and numbers alone: two texts that differ in case and punctuation are the same question. */
const plain = (text: string): string =>
  (
    text
      .toLowerCase()
      .replaceAll('ё', 'е')
      .match(/[\p{L}\p{N}]+/gu) ?? []
  ).join(' ')

/** The paraphrases and off-topic messages of `test/faq/<name>.yaml`; what stands in the data file is no paraphrase. */
export function askSet(name: string, faq: Faq): Promise<Asked[]> {
  const file = readFileSync(join(root, 'test/faq', `${name}.yaml`), 'utf8')
  const { paraphrases, offTopic } = questionSet.parse(parse(file))
  const own = new Set(originalsOf(faq).map(({ text }) => plain(text)))
  const cases = languages.flatMap((language) => [
    ...Object.entries(paraphrases).flatMap(([id, byLanguage]) =>
      byLanguage[language]
        .filter((text) => !own.has(plain(text)))
        .map((text) => ({ language, text, expected: id })),
    ),
    ...offTopic[language].map((text) => ({ language, text, expected: undefined })),
  ])
  return askCases(name, cases, faq)
}

export type Case = Pick<Asked, 'language' | 'text' | 'expected'>

/** The FAQ as the application has it. */
export const faqAnswerer = (faq: Faq): Answerer =>
  createFaq({ current: () => faq, isForTeam: (text) => wishIn(text) !== undefined })

/** Asks each in a turn of its own. */
export async function askCases(set: string, cases: readonly Case[], faq: Faq): Promise<Asked[]> {
  const answerer = faqAnswerer(faq)
  const asked: Asked[] = []
  for (const item of cases) {
    const began = performance.now()
    const answered = await answerTo(answerer, item)
    const category = item.expected ? (faq.entries.get(item.expected)?.category ?? 'unknown') : 'off-topic'
    asked.push({ ...item, set, category, answered, milliseconds: performance.now() - began })
  }
  return asked
}

async function answerTo(answerer: Answerer, { language, text }: Case): Promise<string | undefined> {
  const answer = await answerer.answer(turnOf(text, language))
  return answer && z.object({ rule: z.string() }).parse(answer.trace).rule
}

/** A turn of one written message. */
export function turnOf(text: string, language: Language): Turn {
  const contact = {
    id: 'contact',
    channel: 'web',
    platformId: '1',
    name: 'Somebody',
    language,
    blocked: false,
  }
  const conversation = {
    id: 'conversation',
    channel: 'web',
    account: 'web',
    chatId: '1',
    threadId: '',
    kind: 'private' as const,
    status: 'bot' as const,
    epoch: 0,
    language,
    summary: '',
    summarySeq: 0,
  }
  return {
    id: 'turn',
    attempt: 1,
    conversation,
    contact,
    role: 'contact',
    messages: [messageOf(text, 'text')],
    text,
    language,
    signal: new AbortController().signal,
    history: async () => [],
    preview: () => {},
    charge: () => {},
  }
}

export function messageOf(text: string, kind: 'text' | 'button'): Turn['messages'][number] {
  return {
    conversationId: 'conversation',
    seq: 1,
    author: 'contact',
    contactId: 'contact',
    kind,
    text,
    buttons: undefined,
    language: undefined,
    platformId: '',
    state: 'received',
    turnId: undefined,
    updateId: '',
    extra: undefined,
    createdAt: 0,
  }
}

/** How a group of questions went. `rate`: right answers of those that have one, wrong answers of those off topic. */
export interface Row {
  set: string
  language: Language
  category: string
  asked: number
  right: number
  silent: number
  rate: number
}

/** A row for each set, language and category, and one over all categories but off-topic. */
export function rowsOf(asked: readonly Asked[]): Row[] {
  const onTopic = asked.filter(({ expected }) => expected !== undefined)
  const groups = Map.groupBy(
    [...asked, ...onTopic.map((item) => ({ ...item, category: 'all' }))],
    ({ set, language, category }) => `${set} ${language} ${category}`,
  )
  return [...groups.values()].flatMap((group) => rowOf(group) ?? [])
}

function rowOf(group: readonly Asked[]): Row | undefined {
  const [first] = group
  if (!first) return undefined
  const { set, language, category } = first
  const right = group.filter(({ answered, expected }) => answered === expected).length
  const silent = group.filter(({ answered }) => answered === undefined).length
  const rate = first.expected === undefined ? 1 - right / group.length : right / group.length
  return { set, language, category, asked: group.length, right, silent, rate }
}

/** The rows as an aligned text. */
export function tableOf(rows: readonly Row[]): string {
  const head = 'set        lang  category     asked  right  silent  rate'
  const lines = rows.map(({ set, language, category, asked, right, silent, rate }) =>
    [
      set.padEnd(10),
      language.padEnd(5),
      category.padEnd(11),
      String(asked).padStart(6),
      String(right).padStart(6),
      String(silent).padStart(7),
      `${(rate * 100).toFixed(1)} %`.padStart(8),
    ].join(' '),
  )
  return [head, ...lines].join('\n')
}
