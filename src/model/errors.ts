/**
 * Every error an operator or a client can meet: what it means and what to do.
 * `docs/reference/errors.md` is generated from this table.
 */
export const errorCatalogue = {
  CONFIG_INVALID:
    'The configuration has problems; each is listed with the setting, what was found and what is expected.',
  SCHEMA_UNKNOWN:
    'The database has migrations this version does not know, and does not work on. Start the version that wrote it, or newer.',
  SCHEMA_BEHIND: 'The database lacks migrations of this version. Run `parley migrate up`.',
  DATABASE_UNAVAILABLE: 'The database cannot be reached or refuses work. Nothing was accepted; try again.',
  DATA_REFUSED: 'The database takes no such value, however often it is tried. The log has the details.',
  ADDRESS_UNAVAILABLE: 'The address to listen on is taken or not allowed. Set HOST and PORT.',
  TELEGRAM_TOKEN_REFUSED:
    'Telegram does not know the token of the bot. Set TELEGRAM_BOT_TOKEN to the one that @BotFather shows.',
  TELEGRAM_UNREACHABLE: 'Telegram gives no answer. Check the network, and TELEGRAM_API_ROOT where it is set.',
  TELEGRAM_FAULT: 'Telegram answers, but does not do what was asked. The message has its words.',
  BACKUP_DAMAGED: 'A backup is not as it was written. Nothing was touched; take another one.',
  BACKUP_LOCKED:
    'A backup is encrypted, and BACKUP_PASSPHRASE is not set or not the one it was made with; or it is not encrypted where it is set.',
  BACKUP_UNFIT:
    'A backup cannot be restored here: it is of a newer version, or of the other kind of database.',
  BACKUP_REFUSED: 'The place to restore into is in use or not empty, or another backup is under way.',
  BACKUP_FAILED: 'No backup was kept, or none was restored. The message says what stood in the way.',
  TRANSFER_REFUSED:
    'Data cannot be moved to the other database: one of the two is in use, or there is data already. Nothing was changed.',
  TRANSFER_FAILED: 'Data was moved, and is not the same on both sides. The message names the tables.',
  REQUEST_INVALID: 'The request is malformed. The message names the field.',
  REQUEST_TOO_LARGE: 'The request body or frame is over the limit.',
  UNAUTHORIZED: 'Credentials are missing or wrong.',
  FORBIDDEN: 'This origin or person may not do that.',
  NOT_FOUND: 'There is nothing at this address.',
  RATE_LIMITED: 'Too many requests. Wait as long as Retry-After says.',
  OVERLOADED: 'The server is at capacity and accepted nothing. Retry as Retry-After says.',
  INTERNAL: 'A fault of the server; the log has the details under the request id.',
} as const

export type ErrorCode = keyof typeof errorCatalogue

/** For whoever runs the server: what is wrong and where, and what to do. Names hosts, never a secret. */
export interface Diagnosis {
  found: string
  next: string
}

/**
 * An error with a code of the catalogue. `status` is what HTTP answers with, `retryAfterMs` when to try again. Clients
 * are told the message; the diagnosis is for the command line and the log.
 */
export class ParleyError extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly retryAfterMs: number | undefined
  readonly diagnosis: Diagnosis | undefined
  constructor(
    code: ErrorCode,
    message: string = errorCatalogue[code],
    options: { status?: number; retryAfterMs?: number; cause?: unknown; diagnosis?: Diagnosis } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = 'ParleyError'
    this.code = code
    this.status = options.status ?? 500
    this.retryAfterMs = options.retryAfterMs
    this.diagnosis = options.diagnosis
  }
}

/** An error for whoever gave a command: what is wrong, and what to do next. */
export const diagnosed = (code: ErrorCode, found: string, next: string, cause?: unknown): ParleyError =>
  new ParleyError(code, found, { diagnosis: { found: `${found} (${code})`, next }, cause })

/** The database cannot be used now: nothing was changed, and trying again later is right. */
export const isDatabaseAway = (error: unknown): boolean =>
  error instanceof ParleyError && error.code === 'DATABASE_UNAVAILABLE'
