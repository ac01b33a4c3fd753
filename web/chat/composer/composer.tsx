import { type FormEvent, type KeyboardEvent, type RefObject, useEffect } from 'react'
import { Send } from '../../ui/icons.tsx'
import { texts } from '../../ui/language.ts'
import { useChat, useClient } from '../client-context.ts'
import { Counter } from './counter.tsx'
import { EmojiButton } from './emoji-button.tsx'
import { measure } from './length.ts'
import { useUnsent } from './unsent.ts'
import { useGrowing } from './growing.ts'

interface Props {
  storage: Storage
  field: RefObject<HTMLTextAreaElement | null>
}

export function Composer({ storage, field }: Props) {
  const client = useClient()
  const session = useChat((state) => state.current)
  const name = useChat((state) => state.hello?.bot.name)
  const [typed, setTyped] = useUnsent(storage, session)
  const length = measure(typed)
  const label = name ? texts.writeTo(name) : texts.write
  useGrowing(field, typed)
  useFocusOnDesk(field)

  const submit = (event?: FormEvent) => {
    event?.preventDefault()
    if (!length.sendable) return
    client.send(length.text)
    setTyped('')
    field.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    submit()
  }
  return (
    <form className="composer" onSubmit={submit}>
      <div className="composer-box">
        <textarea
          id="message-field"
          dir="auto"
          ref={field}
          rows={1}
          value={typed}
          placeholder={label}
          aria-label={label}
          aria-describedby="composer-hint"
          aria-invalid={length.left < 0}
          enterKeyHint="send"
          autoComplete="off"
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <EmojiButton
          onChosen={(emoji) => setTyped(insertAtCaret(field.current, typed, emoji))}
          onClosed={() => field.current?.focus()}
        />
        <SendButton disabled={!length.sendable} />
      </div>
      <div className="composer-foot">
        <span id="composer-hint" className="composer-hint">
          {texts.enterHint}
        </span>
        <Counter left={length.left} nearing={length.nearing} />
      </div>
    </form>
  )
}

function SendButton({ disabled }: { disabled: boolean }) {
  return (
    <button type="submit" className="send" aria-label={texts.send} title={texts.send} disabled={disabled}>
      <Send />
    </button>
  )
}

/** The words with something put where the caret stands, which then stands behind it. */
function insertAtCaret(field: HTMLTextAreaElement | null, typed: string, inserted: string): string {
  const from = field?.selectionStart ?? typed.length
  const to = field?.selectionEnd ?? typed.length
  requestAnimationFrame(() => field?.setSelectionRange(from + inserted.length, from + inserted.length))
  return typed.slice(0, from) + inserted + typed.slice(to)
}

/** With a keyboard at hand one writes at once; on a touch screen the keyboard would cover the page unasked. */
function useFocusOnDesk(field: RefObject<HTMLTextAreaElement | null>): void {
  useEffect(() => {
    if (matchMedia('(pointer: fine)').matches) field.current?.focus({ preventScroll: true })
  }, [field])
}
