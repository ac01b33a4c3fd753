import { ArrowDown } from '../../ui/icons.tsx'
import { texts } from '../../ui/language.ts'

/** Shown while the reader is scrolled up; says so when something new came meanwhile. */
export function ToLatest({
  shown,
  unread,
  onPress,
}: {
  shown: boolean
  unread: boolean
  onPress: () => void
}) {
  if (!shown) return null
  return (
    <button
      type="button"
      className="to-latest"
      data-unread={unread}
      aria-label={unread ? undefined : texts.toLatest}
      onClick={onPress}
    >
      {unread && texts.newMessages}
      <ArrowDown />
    </button>
  )
}
