import type { z } from 'zod'
import { environmentNames } from './names.ts'
import { outlineAt } from './outline.ts'
import { type Problem, show } from './problem.ts'
import { fileSchema } from './schema.ts'
import { suggest } from './suggest.ts'

/** How a path is called where its value came from: an environment name, or `server.port (parley.yaml line 3)`. */
export type NameSetting = (path: readonly PropertyKey[]) => string

/** Turns what a schema complains about into problems an operator can act on. */
export function problemsOf(
  issues: readonly z.core.$ZodIssue[],
  nameSetting: NameSetting,
  schema: z.core.$ZodType = fileSchema,
): Problem[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => unknownSetting([...issue.path, key], nameSetting, schema))
    }
    return [
      {
        setting: nameSetting(issue.path),
        found: issue.input === undefined ? 'nothing' : show(issue.input),
        expected: expectation(issue, schema),
      },
    ]
  })
}

function expectation(issue: z.core.$ZodIssue, schema: z.core.$ZodType): string {
  const found = outlineAt(schema, issue.path)
  if (issue.code === 'invalid_type' && found && found.members.size > 0) {
    return `${found.list ? 'entries with' : 'the settings'} ${[...found.members.keys()].join(', ')}`
  }
  return issue.message
}

function unknownSetting(path: PropertyKey[], nameSetting: NameSetting, schema: z.core.$ZodType): Problem {
  const key = String(path.at(-1))
  const setting = nameSetting(path)
  const secret = secretMeant(path)
  if (secret !== undefined)
    return {
      setting,
      found: 'a secret in a file',
      expected: `${secret} in the environment or in .env instead`,
    }
  const known = [...(outlineAt(schema, path.slice(0, -1))?.members.keys() ?? [])]
  const near = suggest(key, known)
  const expected = near ? `a known setting; did you mean "${near}"?` : `one of ${known.join(', ')}`
  return { setting, found: 'an unknown setting', expected }
}

/**
 * The secret somebody wrote into the file: under its own name, or under that of its section, as `telegram.token` and
 * `models.anthropic.api_key`.
 */
function secretMeant(path: readonly PropertyKey[]): string | undefined {
  if (/^api_?key$/i.test(String(path.at(-1))) && path.includes('chain'))
    return 'the …_API_KEY of the provider'
  const words = path.map((key) =>
    String(key)
      .replace(/[^a-z\d]+/gi, '_')
      .toUpperCase(),
  )
  const written = [words.at(-1), words.slice(-2).join('_')]
  return environmentNames.find(
    ({ name, secret }) => secret && written.some((one) => one === name || aliases.get(one ?? '') === name),
  )?.name
}

const aliases = new Map([
  ['TELEGRAM_TOKEN', 'TELEGRAM_BOT_TOKEN'],
  ['BOT_TOKEN', 'TELEGRAM_BOT_TOKEN'],
  ['TELEGRAM_SECRET', 'TELEGRAM_WEBHOOK_SECRET'],
  ['WEBHOOK_SECRET', 'TELEGRAM_WEBHOOK_SECRET'],
  ['SERVER_SECRET', 'SECRET_KEY'],
])

/** `bot.commands[2].text`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return text === '' ? String(key) : `${text}.${String(key)}`
  }, '')
}
