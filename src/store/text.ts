/** PostgreSQL takes neither NUL nor lone surrogates in text; nor does anybody miss them. */
export const clean = (text: string): string => text.replaceAll('\0', '').toWellFormed()
