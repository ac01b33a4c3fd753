import { useEffect, useRef, useState } from 'react'
import { Smile } from '../../ui/icons.tsx'
import { texts } from '../../ui/language.ts'
import { EmojiPicker } from './emoji-picker.tsx'

interface Props {
  onChosen: (emoji: string) => void
  /** The picker closed: the person wants to go on writing. */
  onClosed: () => void
}

export function EmojiButton({ onChosen, onClosed }: Props) {
  const [open, setOpen] = useState(false)
  const place = useRef<HTMLDivElement>(null)
  const close = () => {
    setOpen(false)
    onClosed()
  }
  useEffect(() => {
    if (!open) return
    const outside = (event: PointerEvent) => {
      if (event.target instanceof Node && !place.current?.contains(event.target)) setOpen(false)
    }
    document.addEventListener('pointerdown', outside)
    return () => document.removeEventListener('pointerdown', outside)
  }, [open])
  return (
    <div className="emoji" ref={place}>
      <button
        type="button"
        className="icon-button"
        aria-label={texts.emoji}
        title={texts.emoji}
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => (open ? close() : setOpen(true))}
      >
        <Smile />
      </button>
      {open && <EmojiPicker onChosen={(emoji) => (onChosen(emoji), close())} onClose={close} />}
    </div>
  )
}
