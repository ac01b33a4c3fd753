import { useId, useMemo } from 'react'
import type { PageSession } from '../../../src/http/contract/socket.ts'
import { texts } from '../../ui/language.ts'
import { useChat } from '../client-context.ts'
import type { Place } from '../place.ts'
import { type Group, groupByAge, withCurrent } from './groups.ts'

export function SessionList({ place, onChosen }: { place: Place; onChosen: () => void }) {
  const sessions = useChat((state) => state.sessions)
  const current = useCurrentSession()
  const groups = useMemo(
    () => sessions && groupByAge(withCurrent(sessions, current), Date.now()),
    [sessions, current],
  )
  if (!groups) return <SessionSkeleton />
  if (groups.length === 0) return <p className="sidebar-empty">{texts.noChats}</p>
  return (
    <div className="sessions">
      {groups.map((group) => (
        <SessionGroup key={group.age} group={group} place={place} onChosen={onChosen} />
      ))}
    </div>
  )
}

function SessionGroup({ group, place, onChosen }: { group: Group; place: Place; onChosen: () => void }) {
  const shown = useChat((state) => state.current)
  const heading = useId()
  return (
    <section aria-labelledby={heading}>
      <h2 id={heading} className="sessions-heading">
        {texts[group.age]}
      </h2>
      <ul className="sessions-list">
        {group.sessions.map(({ session, title }) => (
          <li key={session}>
            <button
              type="button"
              className="session"
              dir="auto"
              aria-current={session === shown ? 'page' : undefined}
              onClick={() => (place.go(session), onChosen())}
            >
              {title || texts.untitled}
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** The session on screen as an entry of the list, once something was written in it. */
function useCurrentSession(): PageSession | undefined {
  const session = useChat((state) => state.current)
  const title = useChat((state) => {
    const own = state.views[state.current]?.messages.find((message) => message.author === 'contact')
    return own?.text ?? state.drafts.find((draft) => draft.session === state.current)?.text
  })
  return useMemo(() => (title ? { session, title, updatedAt: Date.now() } : undefined), [session, title])
}

function SessionSkeleton() {
  return (
    <div className="sessions" aria-hidden="true">
      {['w70', 'w50', 'w85', 'w60'].map((width) => (
        <div key={width} className={`skeleton skeleton-session ${width}`} />
      ))}
    </div>
  )
}
