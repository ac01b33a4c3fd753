import type { ServerFrame } from '../../../src/http/contract/socket.ts'

const kinds: Record<ServerFrame['type'], true> = {
  hello: true,
  opened: true,
  accepted: true,
  messages: true,
  preview: true,
  typing: true,
  history: true,
  sessions: true,
  pong: true,
  error: true,
}

/** A frame of the server, or `undefined` for anything a page of this version does not know. */
export function parseFrame(data: unknown): ServerFrame | undefined {
  if (typeof data !== 'string') return undefined
  try {
    const value: unknown = JSON.parse(data)
    return isFrame(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** The server is our own origin and of our own version: its kind is checked, its fields are trusted. */
const isFrame = (value: unknown): value is ServerFrame =>
  typeof value === 'object' &&
  value !== null &&
  'type' in value &&
  typeof value.type === 'string' &&
  Object.hasOwn(kinds, value.type)
