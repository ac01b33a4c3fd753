import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { texts } from '../../ui/language.ts'
import { emojiGroups, nextPlace } from './emoji.ts'

const groups = Object.entries(emojiGroups).map(([name, emoji]) => ({ name, emoji }))
const names: Record<string, string> = texts.emojiGroups
const all = groups.flatMap((group) => group.emoji)

/** One stop of the tab key; inside, the arrow keys move. */
export function EmojiPicker({
  onChosen,
  onClose,
}: {
  onChosen: (emoji: string) => void
  onClose: () => void
}) {
  const panel = useRef<HTMLDivElement>(null)
  const [place, setPlace] = useState(0)
  useEffect(() => {
    panel.current?.querySelectorAll('button')[place]?.focus()
  }, [place])
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') return onClose()
    const next = nextPlace(event.key, place, all.length)
    if (next === undefined) return
    event.preventDefault()
    setPlace(next)
  }
  return (
    <div className="emoji-panel" role="dialog" aria-label={texts.emoji} ref={panel} onKeyDown={onKeyDown}>
      {groups.map(({ name, emoji }) => (
        <div key={name} className="emoji-group" role="group" aria-label={names[name]}>
          {emoji.map((one) => (
            <button
              key={one}
              type="button"
              tabIndex={all.indexOf(one) === place ? 0 : -1}
              onClick={() => onChosen(one)}
            >
              {one}
            </button>
          ))}
        </div>
      ))}
    </div>
  )
}
