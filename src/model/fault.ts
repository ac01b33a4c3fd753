/**
 * The points between the arrival of a message and the record of its delivery at which a process can be told to
 * die, in the order a message passes them. The crash tests visit every one.
 */
export const faultPoints = [
  'inbox.received',
  'inbox.before-commit',
  'inbox.after-commit',
  'turn.leased',
  'turn.answered',
  'turn.before-commit',
  'turn.committed',
  'outbox.claimed',
  'outbox.before-send',
  'outbox.after-send',
  'outbox.settled',
] as const

export type FaultPoint = (typeof faultPoints)[number]

/** Reads `point:n` (n from 1; `point` alone means the first arrival), or `undefined` when it is not one. */
export function parseFault(spec: string): { point: FaultPoint; arrival: number } | undefined {
  const [name, count = '1', ...rest] = spec.split(':')
  const point = faultPoints.find((candidate) => candidate === name)
  if (point === undefined || rest.length > 0 || !/^[1-9]\d{0,8}$/.test(count)) return undefined
  return { point, arrival: Number(count) }
}
