import { Menu } from '../../ui/icons.tsx'
import { texts } from '../../ui/language.ts'
import { Mark } from '../../ui/mark.tsx'
import { ThemeToggle } from '../../ui/theme-toggle.tsx'
import { useChat } from '../client-context.ts'

export function Header({ drawer, onMenu }: { drawer: boolean; onMenu: () => void }) {
  const bot = useChat((state) => state.hello?.bot)
  return (
    <header className="header">
      <button
        type="button"
        className="icon-button menu-button"
        aria-label={texts.openChats}
        aria-expanded={drawer}
        aria-controls="chats"
        onClick={onMenu}
      >
        <Menu />
      </button>
      <a className="header-bot" href="/" title={texts.home}>
        <Mark className="mark header-mark" />
        <span className="header-names">
          <h1 className="header-name">{bot?.name ?? '\u00a0'}</h1>
          <ConnectionState />
        </span>
      </a>
      <ThemeToggle />
    </header>
  )
}

function ConnectionState() {
  const connection = useChat((state) => state.connection)
  return (
    <span className="connection" data-state={connection} role="status">
      <span className="connection-dot" aria-hidden="true" />
      {texts[connection]}
    </span>
  )
}
