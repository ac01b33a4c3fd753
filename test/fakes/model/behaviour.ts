/** What a fake model server does with one request. Everything left out is the good answer `Hello, world!`. */
export interface Behaviour {
  /** The answer, one streamed event each. */
  tokens?: string[]
  /** Wait before the first token and between tokens, in milliseconds; 0 writes all at once. */
  firstTokenMs?: number
  tokenMs?: number
  usage?: FakeUsage | 'none'
  finish?: FakeFinish
  fault?: Fault
  wire?: Wire
}

/** The whole prompt, the answer, and the part of the prompt that came from a cache. */
export interface FakeUsage {
  input: number
  output: number
  cached: number
}

export type FakeFinish = 'stop' | 'length' | 'refused'

export type Fault =
  /** An error answer with the provider's own body for this status, more headers (`retry-after`) and these words. */
  | { kind: 'status'; status: number; headers?: Record<string, string>; code?: string; message?: string }
  /** Nothing is answered until the caller gives up. */
  | { kind: 'hang' }
  /** Silence after so many tokens, until the caller gives up. */
  | { kind: 'stall'; after: number }
  /** The socket is destroyed after so many tokens. */
  | { kind: 'cut'; after: number }
  /** The stream ends in good form after so many tokens, without saying that the answer is over. */
  | { kind: 'end'; after: number }
  /** The provider's error event after so many tokens, then the end. */
  | { kind: 'event'; after: number; status: number }
  /** A good status and an event stream of random bytes. */
  | { kind: 'nonsense' }
  /** Events whose data is JSON of no known shape. */
  | { kind: 'strange' }
  /** Instead of an answer, the call of a tool nobody offered. */
  | { kind: 'tool' }
  /** One line of so many bytes that never ends. */
  | { kind: 'line'; bytes: number }
  /** The answer as another content type. */
  | { kind: 'type'; contentType: string }
  | { kind: 'redirect'; location: string }

/** How the events look on the wire; every choice is legal for server-sent events. */
export interface Wire {
  newline?: '\n' | '\r\n' | '\r'
  /** Comment lines between events, as DeepSeek and proxies send to keep the connection alive. */
  comments?: boolean
  /** The JSON over several `data:` lines. */
  multiline?: boolean
  /** Bytes a write; 1 cuts every character of UTF-8 and every line break. */
  chunk?: number
  /** The last event ends with the stream instead of an empty line. */
  unfinished?: boolean
}

export const goodTokens = ['Hello', ',', ' world', '!']
export const goodUsage: FakeUsage = { input: 20, output: 4, cached: 0 }
