import type { Alert, AlertKind } from '../alert.ts'
import type { Role } from '../contact.ts'

/** What a `/status` tells. */
export interface StatusFacts {
  version: string
  commit: string
  uptimeMs: number
}

/** What a `/status` tells staff besides. */
export interface BacklogFacts {
  unanswered: number
  unsent: number
  failed: number
  /** Age of the oldest of them; `undefined` when there is none. */
  oldestMs: number | undefined
  /** Open requests for a human. */
  requests: number
}

/** What a `/status` tells staff of the money for models; amounts in USD as text. */
export interface SpendingFacts {
  spent: string
  limit: string
}

/** What the team is told when money runs short. */
export interface BudgetNoteFacts extends SpendingFacts {
  /** When the next day begins, with its time zone. */
  until: string
}

/**
 * Every system text, in Markdown. A text with variables is a function; variables that hold a person's words arrive
 * escaped. A language that lacks a key does not compile.
 */
export interface Texts {
  welcome(bot: string): string
  helpIntro: string
  helpOutro: string
  helpRole(role: Role): string
  startDescription: string
  helpDescription: string
  cancelDescription: string
  statusDescription: string
  unknownCommand(command: string): string
  nothingToCancel: string
  status(facts: StatusFacts): string
  backlog(facts: BacklogFacts): string
  spending(facts: SpendingFacts): string

  /** No model is configured and the FAQ knows nothing about it. */
  noModel: string
  noModelForStaff: string
  modelUnavailable: string
  /** No model answers until somebody mends it; topics or a hint follow. */
  assistantAway: string
  assistantAwayForStaff: string
  /** The day's money for models does not suffice; topics or a hint follow. */
  budgetSpent: string
  budgetSpentForStaff: string
  modelRefused: string
  noMatch: string
  /** Questions beside others that were answered; each arrives escaped. */
  leftOpen(questions: readonly string[]): string
  /** They ask how the team is reached; a button to a human follows. */
  contactOffer: string
  /** The same where no note can be sent. */
  contactKept: string
  /** They complain about whoever runs the bot. */
  complaint: string
  /** To a greeting, before what the bot can tell about. */
  greeting: string
  /** To thanks. */
  gladToHelp: string
  /** To a goodbye. */
  farewell: string
  /** To a no. */
  declined: string
  /** To "who are you?". */
  whoIAm(bot: string): string
  /** Stands before the buttons of what the bot does know. */
  topicsIntro: string
  /** Stands there when the bot has no such topics. */
  helpHint: string
  /** `kind` as the channel names it (photo, voice, …); an unknown one gets a general word. */
  mediaUnreadable(kind: string): string
  emptyMessage: string
  staleButton: string

  rephraseLabel: string
  humanLabel: string
  offerRephraseOrHuman: string
  offerHuman: string
  frustrated: string
  askToRephrase: string

  notePassedOn: string
  /** `address`: where they can be reached, escaped; `undefined` when they left none. */
  noteAlreadyPassedOn(agoMs: number, address: string | undefined): string
  nobodyReachable: string
  /** The request is kept, and the team has had its notes for this hour. */
  requestHeld: string
  nobodyReachableYet(agoMs: number, address: string | undefined): string
  /** What they wrote as an address is none. */
  addressIncomplete: string
  /** An e-mail address, a phone number or a name on Telegram. */
  addressKept(address: string): string
  addressPassedOn(address: string): string

  budgetWarningNote(facts: BudgetNoteFacts): string
  budgetSpentNote(facts: BudgetNoteFacts): string

  /** To the team: something is wrong with the installation. */
  alertNote(alert: Alert): string
  alertOverNote(kind: AlertKind): string

  noteTitle: string
  noteAddressTitle: string
  noteWho(who: { name: string; channel: string; id: string }): string
  noteConversation(id: string): string
  noteReason(reason: 'asked' | 'button'): string
  noteLastWords: string
  noteNoWords: string

  /** `from` tells when they are answered again, as `from 15:00 (in 23 minutes)`. */
  limitHour(limit: number, from: string): string
  limitDay(limit: number, from: string): string
  limitRepeat(count: number): string
  limitLinks(count: number): string
  banned(from: string): string
  /** The limit or the ban has ended before this could be said. */
  limitEnded: string
  /** The model may not be asked for this person now. */
  callLimit(from: string): string
  /** `moment` is a time of day or a date and a time, `ahead` as `in 23 minutes`. */
  fromMoment(moment: string, ahead: string): string

  /** A turn failed for good. */
  apology: string
  blocked: string
}
