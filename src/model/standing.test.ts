import { describe, expect, test } from 'vitest'
import type { MessageLimits, OverLimit } from './limits.ts'
import { createMoments } from './moment.ts'
import { goodStanding, judge } from './standing.ts'

const limits: MessageLimits = { perHour: 60, perDay: 500, banAfter: 20, banMs: 3_600_000, spam: true }
const second = 1000
const minute = 60_000
const hour = 3_600_000
const day = 24 * hour

/** Somebody who writes, and the clock. */
function person(more: Partial<MessageLimits> = {}, start = '2026-11-26T10:00:00Z') {
  const moments = createMoments('UTC')
  const rules = { ...limits, ...more }
  let standing = goodStanding
  let now = Date.parse(start)
  let said = 0
  const says = (text: string = `this is message number ${(said += 1)}`, kind = 'text') => {
    const judgement = judge(standing, { kind, text }, moments(now), rules)
    standing = judgement.standing
    return judgement.over
  }
  return {
    says,
    presses: () => says('faq:prices', 'button'),
    /** What became of each: `-` answered, `.` silence, the reason in capitals where there was a word about it. */
    saysOften(count: number, text?: string, everyMs = 0): string {
      const marks = Array.from({ length: count }, () => {
        now += everyMs
        return mark(says(text))
      })
      return shortened(marks)
    },
    passes: (ms: number) => void (now += ms),
    at: () => now,
    standing: () => standing,
    rules,
  }
}

const mark = (over: OverLimit | undefined): string =>
  over ? (over.notice ? over.reason.toUpperCase() : over.reason) : '-'

/** `60 - 1 HOUR 3 hour` */
function shortened(marks: string[]): string {
  const runs: { mark: string; count: number }[] = []
  for (const one of marks) {
    const last = runs.at(-1)
    if (last?.mark === one) last.count += 1
    else runs.push({ mark: one, count: 1 })
  }
  return runs.map((run) => `${run.count} ${run.mark}`).join(' ')
}

describe('the hour', () => {
  test('sixty are answered, one is told, the rest is silence until it ends', () => {
    const ann = person()
    expect(ann.saysOften(63)).toBe('60 - 1 HOUR 2 hour')
    ann.passes(hour - 1)
    expect(ann.saysOften(1)).toBe('1 hour')
    ann.passes(1)
    expect(ann.saysOften(61)).toBe('60 - 1 HOUR')
  })

  test('the word says how many and until when', () => {
    const ann = person({ perHour: 1 }, '2026-11-26T10:20:00Z')
    ann.says()
    expect(ann.says()).toEqual({
      reason: 'hour',
      notice: { limit: 1, until: Date.parse('2026-11-26T11:00:00Z') },
    })
  })

  test('pressed buttons count', () => {
    const ann = person({ perHour: 2 })
    expect([ann.presses(), ann.presses(), ann.presses()].map(mark)).toEqual(['-', '-', 'HOUR'])
  })

  test('a process whose clock is a little behind counts into the hour that has begun', () => {
    const ann = person({ perHour: 2 })
    ann.says()
    ann.passes(-20)
    expect(ann.saysOften(2)).toBe('1 - 1 HOUR')
  })

  test('a clock put back by hours begins anew', () => {
    const ann = person({ perHour: 2, perDay: 3 })
    expect(ann.saysOften(3)).toBe('2 - 1 HOUR')
    ann.passes(-2 * day)
    expect(ann.saysOften(3)).toBe('2 - 1 HOUR')
  })

  test('a raised limit holds at once', () => {
    const ann = person({ perHour: 2 })
    expect(ann.saysOften(3)).toBe('2 - 1 HOUR')
    ann.rules.perHour = 4
    expect(ann.saysOften(3)).toBe('2 - 1 hour')
  })
})

describe('the day', () => {
  test('counts what was answered, and is told once, hour after hour', () => {
    const ann = person({ perDay: 130 }, '2026-11-26T20:00:00Z')
    for (const expected of ['60 - 1 HOUR 4 hour', '60 - 1 HOUR 4 hour', '10 - 1 DAY 54 day', '19 day']) {
      expect(ann.saysOften(expected === '19 day' ? 19 : 65)).toBe(expected)
      ann.passes(hour)
    }
    expect(ann.saysOften(1)).toBe('1 -')
  })
})

describe('who goes on', () => {
  const second11 = 11 * second

  test('is banned after twenty more, for an hour, then two, then four, then for good', () => {
    const ann = person({ perHour: 1 })
    const rounds: string[] = []
    for (const length of [1, 2, 4]) {
      rounds.push(ann.saysOften(2), ann.saysOften(20, undefined, second11))
      expect(ann.standing().bannedUntil - ann.at()).toBe(length * hour)
      rounds.push(ann.saysOften(3))
      ann.passes(5 * hour)
    }
    const round = ['1 - 1 HOUR', '19 hour 1 BAN', '3 ban']
    expect(rounds).toEqual([...round, ...round, ...round])
    expect(ann.saysOften(2)).toBe('1 - 1 HOUR')
    expect(ann.saysOften(22, undefined, second11)).toBe('19 hour 1 BLOCKED 2 blocked')
    ann.passes(365 * day)
    expect(ann.saysOften(1)).toBe('1 blocked')
  })

  test('bans more than a week apart do not add up', () => {
    const ann = person({ perHour: 1 })
    for (let round = 0; round < 6; round += 1) {
      ann.saysOften(22, undefined, second11)
      expect(ann.standing().bannedUntil - ann.at()).toBe(hour)
      ann.passes(7 * day + minute)
    }
  })

  test('a burst sent before the word could be read bans nobody, however long', () => {
    const ann = person()
    expect(ann.saysOften(1000, undefined, 9)).toBe('60 - 1 HOUR 939 hour')
  })

  test('hears of a ban by staff once', () => {
    const until = Date.parse('2026-11-27T00:00:00Z')
    const moment = createMoments('UTC')(until - hour)
    const said = { kind: 'text', text: 'hello' }
    const first = judge({ ...goodStanding, bannedUntil: until }, said, moment, limits)
    expect(first.over).toEqual({ reason: 'ban', notice: { until } })
    expect(judge(first.standing, said, moment, limits).over).toEqual({ reason: 'ban' })
    const blocked = judge({ ...goodStanding, blocked: true }, said, moment, limits)
    expect(blocked.over).toEqual({ reason: 'blocked', notice: {} })
  })
})

describe('spam', () => {
  const advert = 'Buy cheap watches now, best price'

  test('the fifth of one text in a row within ten minutes is told, who goes on is banned', () => {
    const ann = person()
    expect(ann.saysOften(6, advert, minute)).toBe('4 - 1 REPEAT 1 repeat')
    expect(ann.says('something else, at last')).toBeUndefined()
    expect(ann.saysOften(26, advert, 12 * second)).toBe('4 - 1 REPEAT 19 repeat 1 BAN 1 ban')
  })

  test('neither short words nor buttons nor messages of nothing but a picture', () => {
    const ann = person()
    for (const text of ['yes', '42', '', 'Спасибо!']) expect(ann.saysOften(7, text, second)).toBe('7 -')
    expect(Array.from({ length: 9 }, ann.presses).every((over) => !over)).toBe(true)
  })

  test('nor the same question asked now and then', () => {
    const ann = person()
    expect(ann.saysOften(20, 'is anybody there today?', 3 * minute)).toBe('20 -')
  })

  test('ten links in ten seconds are told, a talk with links is not', () => {
    const link = 'look https://spam.example/very/long/address?with=everything'
    const ann = person()
    let sent = 0
    const links = (count: number, everyMs: number): string =>
      shortened(
        Array.from({ length: count }, () => {
          ann.passes(everyMs)
          return mark(ann.says(`${link}&n=${(sent += 1)}`))
        }),
      )
    expect(links(12, 100)).toBe('9 - 1 LINKS 2 links')
    ann.passes(hour)
    expect(links(30, 2 * second)).toBe('30 -')
    expect(ann.saysOften(30, undefined, 50)).toBe('30 -')
  })

  test('can be left to the counts', () => {
    const ann = person({ spam: false })
    expect(ann.saysOften(61, advert)).toBe('60 - 1 HOUR')
  })

  test('people who type fast in short pieces are never taken for it', () => {
    const ann = person()
    const words = 'hi so i wanted to ask you about prices for a shop and how long it takes ok ?'.split(' ')
    for (const word of words) {
      ann.passes(300)
      expect(ann.says(word)).toBeUndefined()
    }
  })
})
