import { Mark } from '../../ui/mark.tsx'
import { useChat } from '../client-context.ts'
import { Markdown } from '../markdown/markdown.tsx'
import type { Hello } from '../session/state.ts'
import { Buttons } from './buttons.tsx'

interface Props {
  greeting: Hello['greeting']
  /** Nothing was said yet: the greeting has the page for itself. */
  alone: boolean
  chosen: Set<string> | undefined
}

export function Greeting({ greeting, alone, chosen }: Props) {
  const bot = useChat((state) => state.hello?.bot)
  return (
    <div className="greeting" data-alone={alone}>
      <Mark className="mark greeting-mark" />
      <h2 className="greeting-name">{bot?.name}</h2>
      <Markdown text={greeting.text} />
      {greeting.buttons && <Buttons seq={0} rows={greeting.buttons} chosen={chosen} />}
    </div>
  )
}
