import './chat.css'
import { newId } from '../ui/identifiers.ts'
import { mount } from '../ui/mount.tsx'
import { openStorage } from '../ui/storage.ts'
import { Chat } from './chat.tsx'
import { ClientContext } from './client-context.ts'
import { createClient } from './client.ts'
import { createOutbox } from './connection/outbox.ts'
import { createPlace } from './place.ts'
import { watchBrowser } from './watch-browser.ts'

const storage = openStorage()
const place = createPlace(storage, newId)
const tabs = new BroadcastChannel('parley.chat')

const client = createClient({
  url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`,
  session: place.current(),
  outbox: createOutbox(storage),
  newId,
  now: Date.now,
  // Loading the page gives the browser its cookie.
  introduce: () => fetch('/chat', { cache: 'no-store' }),
  onWritten: (session) => tabs.postMessage(session),
})
tabs.onmessage = ({ data }: MessageEvent<unknown>) => client.writtenElsewhere(String(data))
watchBrowser(client)
place.onChange((session) => client.show(session))

mount(
  <ClientContext value={client}>
    <Chat place={place} storage={storage} />
  </ClientContext>,
)
