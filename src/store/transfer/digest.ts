import { createHash } from 'node:crypto'
import type { TableShape, TransferRow } from '../transfer-contract.ts'

/** What a table holds, the same whatever order its rows come in and whichever database they are in. */
export interface TableDigest {
  rows: number
  checksum: string
}

/**
 * Adds up the SHA-256 of each row, modulo 2^128: rows are different from each other by their key, and the two databases
 * sort texts differently. A row is the JSON of its values; `real` has four bytes in PostgreSQL, and counts as that.
 */
export function createDigest({ columns }: TableShape): {
  add(rows: readonly TransferRow[]): void
  result(): TableDigest
} {
  const reals = columns.flatMap(({ type }, index) => (type === 'real' ? [index] : []))
  const modulus = 1n << 128n
  let sum = 0n
  let count = 0
  return {
    add(rows) {
      for (const row of rows) {
        const hash = createHash('sha256')
          .update(JSON.stringify(canonical(row, reals)))
          .digest()
        sum = (sum + (hash.readBigUInt64BE(0) << 64n) + hash.readBigUInt64BE(8)) % modulus
        count += 1
      }
    },
    result: () => ({ rows: count, checksum: sum.toString(16).padStart(32, '0') }),
  }
}

function canonical(row: TransferRow, reals: readonly number[]): TransferRow {
  if (reals.length === 0) return row
  return row.map((value, index) =>
    reals.includes(index) && typeof value === 'number' ? Math.fround(value) : value,
  )
}
