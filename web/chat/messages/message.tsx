import type { PageMessage } from '../../../src/http/contract/socket.ts'
import { language, texts } from '../../ui/language.ts'
import { Mark } from '../../ui/mark.tsx'
import { timeOfDay } from '../../ui/times.ts'
import { useChat } from '../client-context.ts'
import { Markdown } from '../markdown/markdown.tsx'
import type { Draft } from '../session/state.ts'
import { Buttons } from './buttons.tsx'
import { DraftState } from './draft-state.tsx'

interface Props {
  message: PageMessage
  /** The first of several by the same author: carries the name. */
  head: boolean
  draft: Draft | undefined
  streaming: boolean
  chosen: Set<string> | undefined
}

export function Message({ message, head, draft, streaming, chosen }: Props) {
  if (message.author === 'contact') return <OwnMessage message={message} draft={draft} head={head} />
  return (
    <li className="message message-theirs" data-head={head} data-streaming={streaming} aria-busy={streaming}>
      {head && <Author message={message} />}
      <Markdown text={message.text} />
      {message.buttons && <Buttons seq={message.seq} rows={message.buttons} chosen={chosen} />}
    </li>
  )
}

function OwnMessage({ message, draft, head }: Pick<Props, 'message' | 'draft' | 'head'>) {
  return (
    <li className="message message-own" data-head={head} data-state={draft?.state ?? 'stored'}>
      <span className="visually-hidden">{texts.you}: </span>
      <p className="bubble" dir="auto" title={timeOfDay(message.at, language)}>
        {message.text}
      </p>
      <DraftState draft={draft} />
    </li>
  )
}

function Author({ message }: { message: PageMessage }) {
  const bot = useChat((state) => state.hello?.bot.name)
  return (
    <div className="author">
      <Mark className="mark author-mark" />
      <span className="author-name">{message.author === 'staff' ? texts.staff : bot}</span>
      <time className="author-time" dateTime={new Date(message.at).toISOString()}>
        {timeOfDay(message.at, language)}
      </time>
    </div>
  )
}
