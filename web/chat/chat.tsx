import { useEffect, useRef, useState } from 'react'
import { texts } from '../ui/language.ts'
import { useChat } from './client-context.ts'
import { Composer } from './composer/composer.tsx'
import { Banner } from './header/banner.tsx'
import { Header } from './header/header.tsx'
import { Announcer } from './messages/announcer.tsx'
import { Conversation } from './messages/conversation.tsx'
import type { Place } from './place.ts'
import { Sidebar } from './sidebar/sidebar.tsx'
import { useVisibleHeight } from './visible-height.ts'

/** The whole page: chats on the left (a drawer on a phone), the conversation on the right. */
export function Chat({ place, storage }: { place: Place; storage: Storage }) {
  const current = useChat((state) => state.current)
  const name = useChat((state) => state.hello?.bot.name)
  const [drawer, setDrawer] = useState(false)
  const field = useRef<HTMLTextAreaElement>(null)
  useVisibleHeight()
  useEffect(() => {
    if (name) document.title = name
  }, [name])
  const close = () => {
    setDrawer(false)
    field.current?.focus({ preventScroll: true })
  }
  return (
    <div className="chat">
      <a
        className="skip-link"
        href="#message-field"
        onClick={(event) => (event.preventDefault(), field.current?.focus())}
      >
        {texts.skipToMessages}
      </a>
      <Sidebar place={place} open={drawer} onClose={() => setDrawer(false)} onChosen={close} />
      <div className="main" inert={drawer}>
        <Header drawer={drawer} onMenu={() => setDrawer(true)} />
        <main className="stage">
          <Banner />
          <Conversation key={`messages:${current}`} />
          <Composer key={`composer:${current}`} storage={storage} field={field} />
        </main>
        <Announcer key={`announcer:${current}`} />
      </div>
    </div>
  )
}
