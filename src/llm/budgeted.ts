import type { Charge } from '../model/money.ts'
import type { Clock } from '../model/time.ts'
import { boundOf, chargedUsage, costOf, isFree, type Price, worstCost } from './cost.ts'
import { estimateTokens, type Llm, LlmError, type LlmPart, type LlmRequest, type LlmUsage } from './llm.ts'
import type { Purse } from './purse.ts'

export interface BudgetedOptions {
  price: Price
  purse: Purse
  clock: Clock
  /** How long a call may take whose request does not say, in milliseconds. */
  timeoutMs: number
}

/** What was seen of a model. */
interface Habit {
  /** How many times over its reservation it went of late, and when. */
  factor: number
  raisedAt: number
  /** The latest call was refused for want of money. */
  isBroke: boolean
}

/** A cost of so many reservations is a broken report, not a cost. */
const believable = 100
/** One odd report must not refuse calls for longer, in milliseconds. */
const rememberedMs = 86_400_000
const nothing: LlmUsage = { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0 }

/**
 * Asks a model only after the worst case of the call was set aside, and settles what it cost. Stands right above one
 * model, so that every try of every retry and every model of a chain is reserved for itself; a model whose tokens are
 * free is left as it is.
 *
 * What a call is charged for:
 * - a whole answer, or an `empty` one: what the provider reports, and the most there can have been of what it does not
 *   report, or reports as none. More than was reserved is the truth all the same, and for a day from then on calls of
 *   this model reserve as many times more; a hundred times more is nonsense, and counts as the worst case;
 * - a request that never left, was aborted before, or was refused with a status below 500, 503 or 529: nothing;
 * - anything else (timeout, cut stream, other 5xx, an error in the stream, nonsense, hung up by us): the worst case, or
 *   what the text so far must have taken where that is more.
 *
 * Throws `budget` when the money does not suffice.
 */
export function withBudget(llm: Llm, options: BudgetedOptions): Llm {
  if (isFree(options.price)) return llm
  const habit = { factor: 1, raisedAt: 0, isBroke: false }
  return { name: llm.name, stream: (request) => spend(llm, request, options, habit) }
}

async function* spend(
  llm: Llm,
  request: LlmRequest,
  { price, purse, clock, timeoutMs: longest }: BudgetedOptions,
  habit: Habit,
): AsyncGenerator<LlmPart> {
  const began = clock.now()
  if (began - habit.raisedAt > rememberedMs) habit.factor = 1
  const till = openTill(request, price, habit, clock)
  const timeoutMs = request.timeoutMs ?? longest
  const { reservedMicroUsd: microUsd } = till
  const reserve = (signal: AbortSignal): Promise<string | undefined> =>
    purse.reserve({ model: llm.name, microUsd, timeoutMs, signal })
  const giveBack = (unused: string): void => {
    till.told(undefined)
    purse.settle({ id: unused, model: llm.name, ...till.charge() })
  }
  const id = await (habit.isBroke ? inTurn : besides)(request, reserve, giveBack)
  habit.isBroke = id === undefined
  if (id === undefined)
    throw new LlmError('budget', llm.name, `${llm.name}: the budget of the day does not cover the call`)

  // A model asked with an aborted signal sends nothing.
  if (request.signal.aborted) till.told(undefined)
  const charge = (): Charge => ({ id, model: llm.name, ...till.charge() })
  const settle = request.onCharge ?? purse.settle
  let finished = false
  try {
    const left = Math.max(1, timeoutMs - (clock.now() - began))
    for await (const part of llm.stream({ ...request, timeoutMs: left })) {
      if (part.type === 'finish') {
        finished = true
        till.told(part.usage)
        const due = charge()
        settle(due)
        yield { ...part, usage: { ...part.usage, costMicroUsd: due.costMicroUsd } }
      } else {
        if (part.type === 'text') till.heard(part.text)
        yield part
      }
    }
  } catch (error) {
    if (error instanceof LlmError && error.used) till.told(error.used === 'nothing' ? undefined : error.used)
    throw error
  } finally {
    if (!finished) purse.settle(charge())
  }
}

/** Gets the money and the permit for a call; `undefined`: there is no money. Throws what the permit is refused with. */
type Ask = (
  request: LlmRequest,
  reserve: (signal: AbortSignal) => Promise<string | undefined>,
  giveBack: (id: string) => void,
) => Promise<string | undefined>

/** First the money: where there was none of late, a permit would be used up for nothing. */
const inTurn: Ask = async ({ permit, signal }, reserve, giveBack) => {
  const id = await reserve(signal)
  if (id === undefined) return undefined
  try {
    await permit?.()
    return id
  } catch (refusal) {
    giveBack(id)
    throw refusal
  }
}

/** Waits for the permit beside the money, which without one is waited for no longer, or given back. */
const besides: Ask = async ({ permit, signal }, reserve, giveBack) => {
  if (!permit) return reserve(signal)
  const needless = new AbortController()
  const reserved = reserve(AbortSignal.any([signal, needless.signal]))
  // Waited for behind the permit.
  const unused = reserved.catch(() => undefined)
  try {
    await permit()
  } catch (refusal) {
    needless.abort(refusal)
    const id = await unused
    if (id !== undefined) giveBack(id)
    throw refusal
  }
  return reserved
}

/** Counts what one call has used: the most it can be, until somebody tells. */
function openTill(request: LlmRequest, price: Price, habit: Habit, clock: Clock) {
  const bound = boundOf(request)
  const worst = Math.max(1, worstCost(price, bound))
  const reservedMicroUsd = worst * habit.factor
  let used: LlmUsage = { ...bound, cachedInputTokens: 0 }
  let spoken = 0
  return {
    reservedMicroUsd,
    heard(text: string): void {
      spoken += estimateTokens(text)
      used = { ...used, outputTokens: Math.max(bound.outputTokens, spoken) }
    },
    /** The provider's report; `undefined`: nothing was used. */
    told(usage: LlmUsage | undefined): void {
      const report = usage ? chargedUsage(usage, bound) : nothing
      if (costOf(price, report) <= worst * believable) used = report
    },
    charge() {
      const costMicroUsd = costOf(price, used)
      if (costMicroUsd > worst) {
        habit.factor = Math.max(habit.factor, Math.ceil(costMicroUsd / worst))
        habit.raisedAt = clock.now()
      }
      const { inputTokens, outputTokens } = used
      return { reservedMicroUsd, costMicroUsd, inputTokens, outputTokens }
    },
  }
}
