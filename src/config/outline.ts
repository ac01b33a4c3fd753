import { z } from 'zod'

/** A setting as a reader sees it, taken from a schema: what the reference page and the messages need. */
export interface Outline {
  meaning: string | undefined
  /** In words: `a whole number from 1 to 10`. */
  type: string | undefined
  /** What applies when it is not set; for durations and sizes in their smallest unit. */
  fallback: unknown
  /** Settings below it, of an object or of each entry of a list. */
  members: ReadonlyMap<string, z.core.$ZodType>
  list: boolean
}

/** Looks through the wrappers of a schema. */
export function outline(schema: z.core.$ZodType): Outline {
  const found: Outline = {
    meaning: undefined,
    type: undefined,
    fallback: undefined,
    members: new Map(),
    list: false,
  }
  let current: z.core.$ZodType | undefined = schema
  while (current) {
    const meta = z.globalRegistry.get(current)
    found.meaning ??= meta?.description
    if (typeof meta?.['type'] === 'string') found.type ??= meta['type']
    if (current instanceof z.ZodDefault) found.fallback ??= current.def.defaultValue
    if (current instanceof z.ZodArray) found.list = true
    if (current instanceof z.ZodObject) found.members = new Map(Object.entries(current.def.shape))
    current = inner(current)
  }
  return found
}

function inner(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    return schema.def.innerType
  }
  return schema instanceof z.ZodArray ? schema.def.element : undefined
}

/** The outline of what a path leads to, or `undefined` where the schema has nothing there. */
export function outlineAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): Outline | undefined {
  let current = outline(schema)
  for (const key of path) {
    if (typeof key === 'number') continue // An entry of a list has the members of the list.
    const next = current.members.get(String(key))
    if (!next) return undefined
    current = outline(next)
  }
  return current
}
