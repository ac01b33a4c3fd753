import { type Llm, type LlmAttempt, LlmError, type LlmFault } from '../../llm/llm.ts'
import type { Language } from '../../model/language.ts'
import type { CallRefusal } from '../../model/limits.ts'
import type { StoredMessage } from '../../model/message.ts'
import type { Clock } from '../../model/time.ts'
import type { Log } from '../../ops/log.ts'
import type { Answer, Answerer, Asked, DeclineReason, Turn } from '../answers.ts'
import { assess } from './confidence.ts'
import { buildContext, type Context, messagesShown } from './context.ts'
import { offersAfter } from './offers.ts'
import { systemPrompt, versionOf } from './prompt.ts'
import { readAnswer, type Spoken } from './stream.ts'
import { type Summary, summarise } from './summary.ts'
import { unsummarised } from './unsummarised.ts'

export interface AssistantNeeds {
  /** The model of this moment; read at every turn, so that a new key or a reload needs no restart. */
  llm: () => Llm | undefined
  /** Who the bot is and how it speaks, in the operator's words. */
  persona: string
  /** The first is the default. */
  languages: readonly Language[]
  budget: {
    /** For the whole prompt. */
    contextTokens: number
    maxOutputTokens: number
    /** For the whole answer, a summary before it and all tries together, in milliseconds. */
    timeoutMs: number
  }
  /** Takes one call of this turn's person; the refusal when they have none left. */
  takeCall: (turn: Turn) => Promise<CallRefusal | undefined>
  clock: Clock
  log: Log
}

/** What one turn asks the model. */
interface Question extends Context {
  system: string
  summary: Summary | undefined
  summaryFailed: boolean
}

/**
 * Answers with a language model, streaming. Declines with `no_model`, `call_limit`, `model_failed`, `model_locked`, `model_refused` or
 * `budget_spent`; what is thrown is a fault of ours, or the reason the turn was aborted.
 */
export function createAssistant(needs: AssistantNeeds): Answerer {
  return {
    name: 'assistant',
    async answer(turn, asked) {
      if (!turn.messages.some(isWritten)) return undefined
      const llm = needs.llm()
      if (!llm) {
        asked?.decline('no_model')
        return undefined
      }
      try {
        return await answerWith(
          llm,
          needs,
          turn,
          asked,
          permitOf(() => needs.takeCall(turn)),
        )
      } catch (error) {
        if (!(error instanceof CallRefused)) throw error
        const { refusal } = error
        asked?.decline('call_limit', { ...refusal }, refusal.until)
        return undefined
      }
    },
  }
}

class CallRefused extends Error {
  readonly refusal: CallRefusal
  constructor(refusal: CallRefusal) {
    super('no model call is left')
    this.refusal = refusal
  }
}

/**
 * Rejects with `CallRefused`. Taken once for all tries, and only where a model is about to be asked: what is left alone costs
 * nobody a call.
 */
function permitOf(takeCall: () => Promise<CallRefusal | undefined>): () => Promise<void> {
  let permit: Promise<void> | undefined
  return () => {
    permit ??= takeCall().then((refusal) => {
      if (refusal) throw new CallRefused(refusal)
    })
    return permit
  }
}

/** Pressed buttons, and media without a word, are for others to explain. */
const isWritten = ({ kind, text }: StoredMessage): boolean => kind !== 'button' && text.trim() !== ''

/** Of the time for an answer, what models may take: the person waits for storing and sending, too. */
const modelsPart = 0.95

async function answerWith(
  llm: Llm,
  needs: AssistantNeeds,
  turn: Turn,
  asked: Asked | undefined,
  permit: () => Promise<void>,
) {
  const { clock, budget } = needs
  const end = clock.now() + budget.timeoutMs * modelsPart
  const question = await prepare(llm, needs, turn, permit)
  const tries: LlmAttempt[] = []
  const trace = { tries, ...tracedQuestion(question) }
  const request = {
    system: question.system,
    messages: question.messages,
    turnId: turn.id,
    maxOutputTokens: budget.maxOutputTokens,
    timeoutMs: Math.max(1, end - clock.now()),
    signal: turn.signal,
    permit,
    onAttempt: (attempt: LlmAttempt) => void tries.push(attempt),
    onCharge: turn.charge,
  }
  try {
    const spoken = await readAnswer(llm, request, clock, (text) => turn.preview(text))
    if (spoken.text.trim() !== '') return answerOf(spoken, question, turn, asked, trace)
    asked?.decline(spoken.finish === 'refused' ? 'model_refused' : 'model_failed', {
      ...trace,
      finish: spoken.finish,
    })
  } catch (error) {
    if (turn.signal.aborted || !(error instanceof LlmError)) throw error
    const reason = reasons[error.fault] ?? 'model_failed'
    asked?.decline(reason, { ...trace, model: error.model, fault: error.fault })
  }
  return undefined
}

const reasons: Partial<Record<LlmFault, DeclineReason>> = { budget: 'budget_spent', auth: 'model_locked' }

async function prepare(
  llm: Llm,
  { persona, languages, budget, clock, log }: AssistantNeeds,
  turn: Turn,
  permit: () => Promise<void>,
) {
  const { conversation } = turn
  const { contextTokens } = budget
  const system = systemPrompt(persona, languages, turn.language)
  const material = { system, burst: turn.messages, contextTokens }
  const history = await turn.history(messagesShown, conversation.summarySeq)
  const context = buildContext({ ...material, summary: conversation.summary, history })
  const kept = history.slice(context.dropped.length)
  const due = await unsummarised(turn, history, kept)
  if (due.length === 0) return { ...context, system, summary: undefined, summaryFailed: false }

  const summary = await summarise({
    llm,
    clock,
    previous: conversation.summary,
    messages: due,
    tokens: Math.floor(contextTokens / 2),
    turnId: turn.id,
    signal: turn.signal,
    permit,
  }).catch((error: unknown) => {
    turn.signal.throwIfAborted()
    if (error instanceof CallRefused) throw error
    log.warn({ turn: turn.id, error: error instanceof Error ? error.message : '' }, 'no summary was made')
    return undefined
  })
  if (!summary) return { ...context, system, summary, summaryFailed: true }
  const renewed = buildContext({ ...material, summary: summary.text, history: kept })
  return { ...renewed, system, summary, summaryFailed: false }
}

function tracedQuestion({ system, dropped, cut, summary, summaryFailed }: Question) {
  return {
    promptVersion: versionOf(system),
    droppedMessages: dropped.length,
    ...(cut && { questionCut: true }),
    ...(summary && { summarisedThrough: summary.seq }),
    ...(summaryFailed && { summaryFailed }),
  }
}

function answerOf(
  spoken: Spoken,
  { summary }: Question,
  turn: Turn,
  asked: Asked | undefined,
  trace: Record<string, unknown>,
): Answer {
  const { text, finish, usage, model, firstTokenMs, totalMs } = spoken
  const { confidence, hedges } = assess(text, finish)
  const spent = [usage, ...(summary ? [summary.usage] : [])]
  return {
    replies: [{ text: text.trim() }, ...offersAfter(confidence, asked?.declined ?? [], turn.language)],
    confidence,
    trace: { model, finish, hedges, firstTokenMs, totalMs, ...trace, usage },
    usage: {
      inputTokens: spent.reduce((sum, each) => sum + each.inputTokens, 0),
      outputTokens: spent.reduce((sum, each) => sum + each.outputTokens, 0),
      costMicroUsd: spent.reduce((sum, each) => sum + (each.costMicroUsd ?? 0), 0),
    },
    ...(summary && {
      commit: (tx) => tx.conversations.summarize(turn.conversation.id, summary.text, summary.seq),
    }),
  }
}
