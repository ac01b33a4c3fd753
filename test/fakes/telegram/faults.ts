/** What can go wrong between a bot and the Bot API. */
export type Fault =
  /** An answer of the server's front, not JSON: a 502 while it restarts. */
  | { kind: 'status'; code: number }
  /** Any answer, as it is. */
  | { kind: 'says'; code: number; body: string }
  /** 429 with this many seconds. */
  | { kind: 'flood'; seconds: number }
  /** Never answers. `after`: the call takes effect first. */
  | { kind: 'hang'; after?: boolean }
  /** The connection is reset. `after`: the call takes effect first. */
  | { kind: 'reset'; after?: boolean }
  | { kind: 'slow'; ms: number }

export type Meant = (args: Record<string, unknown>) => boolean

export interface Faults {
  /** The next `times` calls of this method (any, when empty), of those that are `meant`, meet this fault. */
  add(method: string, fault: Fault, times?: number, meant?: Meant): void
  /** `args`: what the call says, as it came. */
  take(method: string, args: () => Record<string, unknown>): Fault | undefined
  clear(): void
}

export function createFaults(): Faults {
  let planned: { method: string; fault: Fault; times: number; meant: Meant }[] = []
  return {
    add(method, fault, times = 1, meant = () => true) {
      planned.push({ method: method.toLowerCase(), fault, times, meant })
    },
    take(method, args) {
      if (planned.length === 0) return undefined
      const plan = planned.find(
        (candidate) => (candidate.method === '' || candidate.method === method) && candidate.meant(args()),
      )
      if (!plan) return undefined
      plan.times -= 1
      if (plan.times <= 0) planned = planned.filter((candidate) => candidate !== plan)
      return plan.fault
    },
    clear() {
      planned = []
    },
  }
}
