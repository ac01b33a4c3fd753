import { ParleyError } from '../../model/errors.ts'

/** What one check found. */
export interface Item {
  name: string
  /** `warn`: works, but look at it; `skip`: does not apply. */
  status: 'ok' | 'warn' | 'fail' | 'skip'
  found: string
  /** What to do; present where the status is `warn` or `fail`. */
  next?: string
}

export function ok(name: string, found: string): Item {
  return { name, status: 'ok', found }
}

export function skip(name: string, found: string): Item {
  return { name, status: 'skip', found }
}

export function warn(name: string, found: string, next: string): Item {
  return { name, status: 'warn', found, next }
}

export function fail(name: string, found: string, next: string): Item {
  return { name, status: 'fail', found, next }
}

/** A failure with the diagnosis of its error, where it has one. */
export function failure(name: string, error: unknown, next: string): Item {
  const diagnosis = error instanceof ParleyError ? error.diagnosis : undefined
  return diagnosis ? fail(name, diagnosis.found, diagnosis.next) : fail(name, reasonOf(error), next)
}

/** The message of an error, with that of its cause where it only says that something failed. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (!(cause instanceof Error)) return error.message
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message
  return error.message.includes(code) ? error.message : `${error.message.replace(/\.$/, '')}: ${code}`
}

/** What a check finds, or a failure where it takes longer than it should or throws. */
export async function within(
  ms: number,
  name: string,
  next: string,
  check: () => Promise<Item[]>,
): Promise<Item[]> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Item[]>((resolve) => {
    timer = setTimeout(() => resolve([fail(name, `no answer within ${ms / 1000} s`, next)]), ms)
  })
  try {
    return await Promise.race([check(), late])
  } catch (error) {
    return [failure(name, error, next)]
  } finally {
    clearTimeout(timer)
  }
}
