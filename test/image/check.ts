/** Says whether something is so, and counts. */
export type Check = (what: string, isSo: boolean) => void
