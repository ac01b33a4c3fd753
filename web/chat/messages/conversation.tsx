import { useMemo, useRef } from 'react'
import { texts } from '../../ui/language.ts'
import { useChat, useClient } from '../client-context.ts'
import { choices } from '../session/choices.ts'
import { viewOf } from '../session/state.ts'
import { timeline } from '../session/timeline.ts'
import { Greeting } from './greeting.tsx'
import { ConversationSkeleton, OlderSkeleton } from './skeleton.tsx'
import { ToLatest } from './to-latest.tsx'
import { TimelineRow } from './timeline-row.tsx'
import { useScrolling } from './scrolling.ts'

/** The scrolling list of one session. */
export function Conversation() {
  const client = useClient()
  const current = useChat((state) => state.current)
  const view = useChat((state) => viewOf(state, state.current))
  const all = useChat((state) => state.drafts)
  const greeting = useChat((state) => state.hello?.greeting)
  const drafts = useMemo(() => all.filter((draft) => draft.session === current), [all, current])
  const rows = useMemo(() => timeline(view, drafts, Date.now()), [view, drafts])
  const chosen = useMemo(
    () => choices(view.messages, drafts, greeting?.buttons),
    [view.messages, drafts, greeting],
  )
  const scroller = useRef<HTMLElement>(null)
  const { away, unread, toLatest } = useScrolling(scroller, { view, drafts, older: client.older })
  const greet = greeting && view.opened && !view.more
  return (
    <div className="conversation">
      <section className="scroller" ref={scroller} tabIndex={0} aria-label={texts.messages}>
        <div className="reading">
          {!view.opened && rows.length === 0 && <ConversationSkeleton />}
          {view.more && <OlderSkeleton busy={view.loadingOlder} />}
          {greet && <Greeting greeting={greeting} alone={rows.length === 0} chosen={chosen.get(0)} />}
          <ol className="rows">
            {rows.map((row) => (
              <TimelineRow
                key={row.key}
                row={row}
                chosen={row.kind === 'message' ? chosen.get(row.message.seq) : undefined}
              />
            ))}
          </ol>
        </div>
      </section>
      <ToLatest shown={away} unread={unread} onPress={toLatest} />
    </div>
  )
}
