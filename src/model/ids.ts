import { randomFillSync } from 'node:crypto'
import { v7 } from 'uuid'

/** Randomness is fetched for many ids at once: asking the system for sixteen bytes costs more than all the rest. */
const pool = Buffer.alloc(16 * 256)
let taken = pool.length

function random(): Uint8Array {
  if (taken === pool.length) {
    randomFillSync(pool)
    taken = 0
  }
  taken += 16
  return pool.subarray(taken - 16, taken)
}

let latestMs = 0
let sequence = 0

/** A new sortable id (UUID version 7, RFC 9562 §5.7); those of one process sort as they were made. */
export function newId(): string {
  const bytes = random()
  const now = Date.now()
  if (now > latestMs) {
    latestMs = now
    // 31 random bits: there is always room to count up within a millisecond.
    sequence = pool.readUInt32BE(taken - 16) >>> 1
  } else {
    sequence += 1
  }
  return v7({ random: bytes, msecs: latestMs, seq: sequence })
}

/** The first id of a millisecond: every id made before sorts before it. */
export function firstIdAt(ms: number): string {
  const time = Math.max(0, Math.floor(ms)).toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`
}
