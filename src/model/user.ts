import { userInfo } from 'node:os'

/** Whom this process runs as, for people: a name, or the number of a user who has none. */
export function thisUser(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'unknown')
  }
}
