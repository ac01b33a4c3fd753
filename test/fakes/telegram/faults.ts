/** What can go wrong between a bot and the Bot API. */
export type Fault =
  /** An answer of the server's front, not JSON: a 502 while it restarts. */
  | { kind: 'status'; code: number }
  /** Any answer, as it is. */
  | { kind: 'says'; code: number; body: string }
  /** 429 with this many seconds, for the whole bot or only in this chat. */
  | { kind: 'flood'; seconds: number; chat?: string }
  /** Never answers. `after`: the call takes effect first. */
  | { kind: 'hang'; after?: boolean }
  /** The connection is reset. `after`: the call takes effect first. */
  | { kind: 'reset'; after?: boolean }
  | { kind: 'slow'; ms: number }

export type Choose = (method: string, args: Record<string, unknown>) => Fault | undefined

export interface Faults {
  /** The next `times` calls of this method (any, when empty) meet this fault. */
  add(method: string, fault: Fault, times?: number): void
  /** Asked about every call that meets no other; of methods in lower case. */
  decide(choose: Choose): void
  /** `args`: what the call says, as it came. */
  take(method: string, args: () => Record<string, unknown>): Fault | undefined
  clear(): void
}

export function createFaults(): Faults {
  let planned: { method: string; fault: Fault; times: number }[] = []
  let choose: Choose | undefined
  return {
    add(method, fault, times = 1) {
      planned.push({ method: method.toLowerCase(), fault, times })
    },
    decide(next) {
      choose = next
    },
    take(method, args) {
      const plan = planned.find((candidate) => candidate.method === '' || candidate.method === method)
      if (!plan) return choose === undefined ? undefined : choose(method, args())
      plan.times -= 1
      if (plan.times <= 0) planned = planned.filter((candidate) => candidate !== plan)
      return plan.fault
    },
    clear() {
      planned = []
      choose = undefined
    },
  }
}
