import { memo } from 'react'
import { language, texts } from '../../ui/language.ts'
import { dayName } from '../../ui/times.ts'
import type { Row } from '../session/timeline.ts'
import { Message } from './message.tsx'
import { Typing } from './typing.tsx'

export const TimelineRow = memo(
  function TimelineRow({ row, chosen }: { row: Row; chosen: Set<string> | undefined }) {
    if (row.kind === 'day') return <Day at={row.at} />
    if (row.kind === 'typing') return <Typing />
    return (
      <Message
        message={row.message}
        head={row.head}
        draft={row.draft}
        streaming={row.streaming}
        chosen={chosen}
      />
    )
  },
  (before, after) => sameRow(before.row, after.row) && sameChoice(before.chosen, after.chosen),
)

function Day({ at }: { at: number }) {
  return (
    <li className="day">
      <time dateTime={new Date(at).toISOString().slice(0, 10)}>
        {dayName(at, Date.now(), language, texts)}
      </time>
    </li>
  )
}

/** Rows are made anew at every change; only what they show decides whether they are drawn anew. */
function sameRow(a: Row, b: Row): boolean {
  if (a.kind !== 'message' || b.kind !== 'message') return a.kind === b.kind && a.key === b.key
  const drawn = a.streaming ? a.message.text === b.message.text : a.message === b.message
  return a.streaming === b.streaming && a.head === b.head && a.draft === b.draft && drawn
}

const sameChoice = (a: Set<string> | undefined, b: Set<string> | undefined) =>
  [...(a ?? [])].join() === [...(b ?? [])].join()
