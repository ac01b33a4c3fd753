import type { PageButton } from '../../../src/http/contract/socket.ts'
import { Check } from '../../ui/icons.tsx'
import { texts } from '../../ui/language.ts'
import { useClient } from '../client-context.ts'

interface Props {
  /** The message they stand under; 0 is the greeting. */
  seq: number
  rows: PageButton[][]
  chosen: Set<string> | undefined
}

/**
 * Answers to choose from, side by side as they fit: the rows are made for narrower screens than a page. A chosen one
 * stays visible as chosen and cannot be pressed twice.
 */
export function Buttons({ seq, rows, chosen }: Props) {
  const client = useClient()
  return (
    <div className="replies">
      {rows.flat().map((button) => (
        <ReplyButton
          key={button.action}
          label={button.label}
          pressed={chosen?.has(button.label) ?? false}
          onPress={() => client.press(seq, button)}
        />
      ))}
    </div>
  )
}

/** Not `disabled` once pressed: the focus would be lost with it. */
function ReplyButton({ label, pressed, onPress }: { label: string; pressed: boolean; onPress: () => void }) {
  return (
    <button
      type="button"
      className="reply"
      dir="auto"
      aria-disabled={pressed}
      onClick={pressed ? undefined : onPress}
    >
      {pressed && <Check />}
      {label}
      {pressed && <span className="visually-hidden"> ({texts.chosen})</span>}
    </button>
  )
}
