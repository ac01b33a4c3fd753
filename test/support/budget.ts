import type { Store } from '../../src/store/store.ts'

/** Looks at the row of a day all the time, on a store of its own, and tells the highest sum it ever saw. */
export function watchDay(
  { read }: Pick<Store, 'read'>,
  day: string,
): { end(): Promise<{ highest: number; looks: number }> } {
  let highest = 0
  let looks = 0
  let watching = true
  const watch = async (): Promise<void> => {
    while (watching) {
      const found = await read.budget.day(day)
      looks += 1
      highest = Math.max(highest, (found?.spentMicroUsd ?? 0) + (found?.reservedMicroUsd ?? 0))
      await new Promise(setImmediate)
    }
  }
  const done = watch()
  return {
    async end() {
      watching = false
      await done
      return { highest, looks }
    },
  }
}
