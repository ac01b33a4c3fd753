import type { z } from 'zod'
import { environmentNames } from './names.ts'
import { outlineAt } from './outline.ts'
import { type Problem, show } from './problem.ts'
import { fileSchema } from './schema.ts'
import { suggest } from './suggest.ts'

/** How a path is called where its value came from: an environment name, or `server.port (parley.yaml line 3)`. */
export type NameSetting = (path: readonly PropertyKey[]) => string

/** Turns what the schema complains about into problems an operator can act on. */
export function problemsOf(issues: readonly z.core.$ZodIssue[], nameSetting: NameSetting): Problem[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => unknownSetting([...issue.path, key], nameSetting))
    }
    return [
      {
        setting: nameSetting(issue.path),
        found: issue.input === undefined ? 'nothing' : show(issue.input),
        expected: expectation(issue),
      },
    ]
  })
}

function expectation(issue: z.core.$ZodIssue): string {
  const found = outlineAt(fileSchema, issue.path)
  if (issue.code === 'invalid_type' && found && found.members.size > 0) {
    return `${found.list ? 'entries with' : 'the settings'} ${[...found.members.keys()].join(', ')}`
  }
  return issue.message
}

function unknownSetting(path: PropertyKey[], nameSetting: NameSetting): Problem {
  const key = String(path.at(-1))
  const setting = nameSetting(path)
  const secret = environmentNames.find(({ name, secret: kept }) => kept && name === key.toUpperCase())
  if (secret)
    return { setting, found: 'a secret in a file', expected: `${secret.name} in the environment instead` }
  const known = [...(outlineAt(fileSchema, path.slice(0, -1))?.members.keys() ?? [])]
  const near = suggest(key, known)
  const expected = near ? `a known setting; did you mean "${near}"?` : `one of ${known.join(', ')}`
  return { setting, found: 'an unknown setting', expected }
}

/** `bot.commands[2].text`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return text === '' ? String(key) : `${text}.${String(key)}`
  }, '')
}
