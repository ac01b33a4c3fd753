import { damaged } from './fault.ts'

export type Bytes = AsyncIterable<Buffer>

/** Reads a stream in the portions its format has. */
export interface ByteReader {
  /** Exactly so many bytes; throws where the stream ends before. */
  take(count: number): Promise<Buffer>
  /** As many as are at hand, `most` of them; none at the end. */
  some(most: number): Promise<Buffer>
  /** Exactly so many, piece by piece as they come: for what may be large. */
  pass(count: number): Bytes
  /** Whether nothing is left. */
  isAtEnd(): Promise<boolean>
}

export function createByteReader(source: Bytes): ByteReader {
  const pieces = source[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)

  async function fill(): Promise<void> {
    while (rest.length === 0) {
      const next = await pieces.next()
      if (next.done === true) return
      rest = next.value
    }
  }

  async function some(most: number): Promise<Buffer> {
    await fill()
    const found = rest.subarray(0, most)
    rest = rest.subarray(found.length)
    return found
  }

  async function* pass(count: number): Bytes {
    for (let left = count; left > 0; ) {
      const found = await some(left)
      if (found.length === 0) throw damaged('it ends too early')
      left -= found.length
      yield found
    }
  }

  return {
    some,
    pass,
    async take(count) {
      const found: Buffer[] = []
      for await (const piece of pass(count)) found.push(piece)
      return found.length === 1 && found[0] ? found[0] : Buffer.concat(found)
    },
    async isAtEnd() {
      await fill()
      return rest.length === 0
    },
  }
}
