/** Milliseconds of a clock that all processes of this machine share (CLOCK_MONOTONIC, clock_gettime(2)). */
export const now = (): number => Number(process.hrtime.bigint() / 1000n) / 1000
