/** Money is a whole number of micro-dollars: a million of them are one US dollar. Amounts are rounded up. */

export const microPerUsd = 1_000_000

/** `12.34`, and `0.0123` under a dollar, where cents tell too little. */
export function usdText(microUsd: number): string {
  const usd = microUsd / microPerUsd
  return usd !== 0 && Math.abs(usd) < 1 ? usd.toFixed(4) : usd.toFixed(2)
}

/** What one call of a model cost, to be taken from what was reserved for it. */
export interface Charge {
  /** The reservation it settles. */
  id: string
  /** `provider/model`. */
  model: string
  reservedMicroUsd: number
  /** As far as it is known, else as much as it can have been. */
  costMicroUsd: number
  inputTokens: number
  outputTokens: number
}
