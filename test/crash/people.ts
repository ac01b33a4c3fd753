import type { Actor } from '../fakes/telegram/people.ts'
import { type FakePage, openFakePage } from '../fakes/web/page.ts'
import type { Random } from './random.ts'
import type { Town } from './town.ts'
import type { Witness } from './witness.ts'

/** People who write all the time, on Telegram and in the web chat. */
export interface People {
  /** Takes note of what has arrived on Telegram since the last time. */
  listen(): void
  /** Nobody writes any more; pages stay open. */
  hush(): void
  /** Messages that pages wrote and the server has not accepted. */
  unsent(): number
  /** What pages saw that they must never see. */
  broken(): string[]
  close(): void
}

export interface PeopleOptions {
  town: Town
  witness: Witness
  random: Random
  onTelegram: number
  onWeb: number
  /** Messages a second, of all together. */
  perSecond: number
}

/** Ids beyond what a JavaScript number holds. */
const firstChat = 9_007_199_254_740_993n
/** Who waits for so many answers writes no more for the moment. */
const mostWaiting = 40
const tickMs = 20

export function gatherPeople({ town, witness, random, onTelegram, onWeb, perSecond }: PeopleOptions): People {
  const { bot, front } = town
  const actors = Array.from({ length: onTelegram }, (_, index) =>
    bot.person(String(firstChat + 2n * BigInt(index))),
  )
  const pages = Array.from({ length: onWeb }, () => openPage(front, witness))
  let owed = 0

  function write(): void {
    owed += (perSecond * tickMs) / 1000
    for (; owed >= 1; owed -= 1) speak(random.pick([...actors, ...pages]), witness)
  }

  const timer = setInterval(write, tickMs)
  return {
    listen() {
      for (const { chatId, text, at, id } of bot.state.sent.splice(0)) witness.heard(chatId, text, { at, id })
      forgetTheRest(town)
    },
    hush: () => clearInterval(timer),
    unsent: () => pages.reduce((sum, page) => sum + page.unsent(), 0),
    broken: () => pages.flatMap((page) => page.broken().map((what) => `${page.session}: ${what}`)),
    close() {
      clearInterval(timer)
      for (const page of pages) page.close()
    },
  }
}

function openPage(origin: string, witness: Witness): FakePage {
  const page: FakePage = openFakePage({
    origin,
    // By the time a row comes the page is there.
    onReply: (text) => witness.heard(page.session, text, { exactly: true }),
  })
  return page
}

function speak(who: Actor | FakePage, witness: Witness): void {
  const chat = 'session' in who ? who.session : who.chat.id
  if (witness.missing(chat) < mostWaiting) {
    const question = witness.ask(chat)
    if ('session' in who) who.write(question)
    else who.writes(question)
  }
}

/** What a long run must not pile up in the fake platform. */
function forgetTheRest({ bot }: Town): void {
  bot.state.drafts.length = 0
  bot.state.actions.length = 0
  for (const chat of bot.state.chats.values()) if (chat.messages.size > 500) chat.messages.clear()
}
