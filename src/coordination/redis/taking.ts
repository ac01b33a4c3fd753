import { z } from 'zod'
import type { Allowance, Lack } from '../coordination.ts'
import { inTime } from './in-time.ts'
import { type Run, scriptOf } from './script.ts'

/**
 * Serves the asks of one moment, one after the other. Of each allowance two keys: the times of the last taken, the latest
 * first, and whether it is closed; then the processes that take. By the clock of Redis; should that be put back, nobody
 * waits for longer than a window.
 */
const take = scriptOf(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local closures = {}
local function closedFor(key)
  closures[key] = closures[key] or redis.call('PTTL', key)
  return closures[key]
end
local answers = { redis.call('ZCARD', KEYS[#KEYS]) }
local key, arg = 0, 0
while arg < #ARGV do
  local size = tonumber(ARGV[arg + 1])
  local longest, lacking, closed = 0, 0, 0
  for i = 1, size do
    local count, ms = tonumber(ARGV[arg + 2 * i]), tonumber(ARGV[arg + 2 * i + 1])
    local left = closedFor(KEYS[key + 2 * i])
    if left > longest then longest, lacking, closed = left, i, 1 end
    local oldest = count > 0 and redis.call('LINDEX', KEYS[key + 2 * i - 1], count - 1)
    local wait = oldest and math.min(ms, oldest + ms - now) or 0
    if wait > longest then longest, lacking, closed = wait, i, 0 end
  end
  if longest == 0 then
    for i = 1, size do
      local count = tonumber(ARGV[arg + 2 * i])
      if count > 0 then
        local list = KEYS[key + 2 * i - 1]
        if redis.call('LPUSH', list, now) > count then redis.call('LTRIM', list, 0, count - 1) end
        redis.call('PEXPIRE', list, ARGV[arg + 2 * i + 1])
      end
    end
  end
  answers[#answers + 1] = { lacking, longest, closed }
  key, arg = key + 2 * size, arg + 1 + 2 * size
end
return answers`)

/** How many processes take, then of each ask which of its allowances lacks, for how long, and whether it is closed. */
const taken = z.tuple([z.number()], z.tuple([z.number(), z.number(), z.number()]))

/** So many asks of one moment, and Redis serves others in between. */
const mostAsks = 200

interface Ask {
  allowances: readonly Allowance[]
  resolve(lack: Lack | undefined): void
  reject(error: unknown): void
}

export interface TakingNeeds {
  run: Run
  prefix: string
  /** The key of the processes that take, and who is told how many they are. */
  takers: { key: string; counted(known: number): void }
}

/** Asks Redis, for all who ask in one moment together; rejects when there is no answer in time. */
export function createTaking(
  needs: TakingNeeds,
): (allowances: readonly Allowance[]) => Promise<Lack | undefined> {
  let waiting: Ask[] = []
  return (allowances) =>
    new Promise((resolve, reject) => {
      waiting.push({ allowances, resolve, reject })
      if (waiting.length === 1) {
        const asks = waiting
        const leave = (): void => {
          if (waiting === asks) waiting = []
        }
        void serve(needs, asks, leave)
      } else if (waiting.length >= mostAsks) waiting = []
    })
}

/** `leave`: nobody joins the asks any more. */
async function serve({ run, prefix, takers }: TakingNeeds, asks: Ask[], leave: () => void): Promise<void> {
  try {
    const answer = run('count', take, () => {
      leave()
      const all = asks.flatMap(({ allowances }) => allowances)
      return {
        keys: [
          ...all.flatMap(({ key }) => [`${prefix}:taken:${key}`, `${prefix}:closed:${key}`]),
          takers.key,
        ],
        args: asks.flatMap(({ allowances }) => [
          allowances.length,
          ...allowances.flatMap(({ count, ms }) => [count, Math.ceil(ms)]),
        ]),
      }
    })
    const [known, ...verdicts] = taken.parse(await inTime(answer))
    takers.counted(known)
    asks.forEach(({ allowances, resolve }, index) => resolve(lackOf(allowances, verdicts[index])))
  } catch (error) {
    leave()
    for (const { reject } of asks) reject(error)
  }
}

function lackOf(
  allowances: readonly Allowance[],
  [place, ms, closed]: [number, number, number] = [0, 0, 0],
): Lack | undefined {
  const lacking = allowances[place - 1]
  return lacking && { key: lacking.key, ms, closed: closed === 1 }
}
