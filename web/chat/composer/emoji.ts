/** A small choice; every system keyboard has the rest. */
export const emojiGroups = {
  faces: [...'😀😄😊🙂😉😍😎🤔😅😂😢😮😴🙃😇😬'],
  gestures: [...'👍👎👌🙏👏🙌👋💪🤝🤞👀🫶'],
  feelings: ['❤️', ...'💙💚💛🧡🎉✨🔥⭐💯✅❌❓'],
  things: [...'🚀💡📌📎📅⏰💻📱🐛🔧📦☕'],
} as const satisfies Record<string, readonly string[]>

/** How many stand in a row; the arrow keys go by it, and so does the style sheet. */
export const perRow = 8

/** Where the arrow keys lead from a place in the grid of `count`; `undefined` for any other key. */
export function nextPlace(key: string, from: number, count: number): number | undefined {
  const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: perRow, ArrowUp: -perRow }
  if (key === 'Home') return 0
  if (key === 'End') return count - 1
  const step = Object.hasOwn(steps, key) ? steps[key] : undefined
  return step === undefined ? undefined : Math.max(0, Math.min(count - 1, from + step))
}
