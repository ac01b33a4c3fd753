import { texts } from '../../ui/language.ts'
import { Mark } from '../../ui/mark.tsx'
import { useChat } from '../client-context.ts'

export function Typing() {
  const name = useChat((state) => state.hello?.bot.name) ?? ''
  return (
    <li className="message message-theirs" data-head>
      <div className="author">
        <Mark className="mark author-mark" />
        <span className="author-name">{name}</span>
      </div>
      <p className="typing" role="status">
        <span className="visually-hidden">{texts.typing(name)}</span>
        <span className="typing-dot" />
        <span className="typing-dot" />
        <span className="typing-dot" />
      </p>
    </li>
  )
}
