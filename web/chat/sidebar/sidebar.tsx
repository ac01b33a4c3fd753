import { type KeyboardEvent, useEffect, useRef } from 'react'
import { Close, Plus } from '../../ui/icons.tsx'
import { texts } from '../../ui/language.ts'
import type { Place } from '../place.ts'
import { SessionList } from './session-list.tsx'
import { useNarrow } from './narrow.ts'

interface Props {
  place: Place
  open: boolean
  onClose: () => void
  /** A chat was chosen: the drawer closes and the person wants to write. */
  onChosen: () => void
}

export function Sidebar({ place, open, onClose, onChosen }: Props) {
  const narrow = useNarrow()
  const first = useRef<HTMLButtonElement>(null)
  const opener = useRef<Element | null>(null)
  useEffect(() => {
    if (!open) return
    opener.current = document.activeElement
    first.current?.focus()
  }, [open])
  const dismiss = () => {
    onClose()
    const back = opener.current
    requestAnimationFrame(() => back instanceof HTMLElement && back.focus())
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && open) dismiss()
  }
  return (
    <>
      <div className="scrim" data-open={open} onClick={dismiss} aria-hidden="true" />
      <nav
        id="chats"
        className="sidebar"
        data-open={open}
        inert={narrow && !open}
        aria-label={texts.chats}
        onKeyDown={onKeyDown}
      >
        <div className="sidebar-top">
          <button
            ref={first}
            type="button"
            className="button new-chat"
            onClick={() => (place.fresh(), onChosen())}
          >
            <Plus />
            {texts.newChat}
          </button>
          <button
            type="button"
            className="icon-button sidebar-close"
            aria-label={texts.closeChats}
            onClick={dismiss}
          >
            <Close />
          </button>
        </div>
        <SessionList place={place} onChosen={onChosen} />
      </nav>
    </>
  )
}
