import { useEffect, useRef, useState } from 'react'
import type { PageMessage } from '../../../src/http/contract/socket.ts'
import { texts } from '../../ui/language.ts'
import { useChat } from '../client-context.ts'
import { plainText } from '../markdown/plain.ts'
import { viewOf } from '../session/state.ts'

/** How many announced messages are kept for a reader who goes back to them. */
const kept = 5

/**
 * Reads finished answers aloud, once each. The list itself is not a live region: it would read every token of a
 * stream and the whole history when older messages are put above.
 */
export function Announcer() {
  const name = useChat((state) => state.hello?.bot.name) ?? ''
  const view = useChat((state) => viewOf(state, state.current))
  const heard = useRef<number | undefined>(undefined)
  const [said, setSaid] = useState<PageMessage[]>([])
  useEffect(() => {
    if (!view.opened) return
    const last = view.messages.at(-1)?.seq ?? 0
    const from = heard.current
    heard.current = last
    if (from === undefined || last <= from) return
    const fresh = view.messages.filter((message) => message.seq > from && message.author !== 'contact')
    if (fresh.length > 0) setSaid((before) => [...before, ...fresh].slice(-kept))
  }, [view.opened, view.messages])
  return (
    <div className="visually-hidden" role="log" aria-live="polite" aria-label={texts.newMessagesLog}>
      {said.map((message) => (
        <p key={message.seq}>
          {message.author === 'staff' ? texts.staff : name}: {plainText(message.text)}
        </p>
      ))}
    </div>
  )
}
