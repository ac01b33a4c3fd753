/** One thing wrong with the configuration. Everything in it may be shown: secrets are masked before. */
export interface Problem {
  /** `PORT`, or `server.port (parley.yaml line 12)`. */
  setting: string
  /** What was there. */
  found: string
  /** What should be, and what to do about it. */
  expected: string
}

/** `PORT: found 99999; expected a whole number from 1 to 65535`. */
export function formatProblem({ setting, found, expected }: Problem): string {
  return `${setting}: found ${found}; expected ${expected}`
}

/** Shows a value of the file or the environment, short and on one line. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value) ?? typeof value
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}
