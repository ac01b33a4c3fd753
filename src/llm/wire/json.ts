/** A provider's event that is not what its format says. */
export class Nonsense extends Error {}

/** The value of a JSON text; `Nonsense` when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Nonsense('the answer holds an event that is not JSON')
  }
}

/** A field of a value of unknown shape, or `undefined`. */
export const at = (value: unknown, key: string | number): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined

export const textAt = (value: unknown, key: string | number): string => {
  const found = at(value, key)
  return typeof found === 'string' ? found : ''
}

/** A count of tokens; what is missing or no count is 0. */
export const countAt = (value: unknown, key: string): number => {
  const found = at(value, key)
  return typeof found === 'number' && Number.isSafeInteger(found) && found > 0 ? found : 0
}
