import type { PageButton, ServerFrame } from '../../src/http/contract/socket.ts'
import { createLink, type Link, type LinkNeeds } from './connection/connection.ts'
import type { Outbox } from './connection/outbox.ts'
import { createSilence } from './connection/silence.ts'
import { createDelivery } from './delivery.ts'
import { createFollowing } from './following.ts'
import { createListing } from './listing.ts'
import { apply, type ChatEvent } from './session/apply.ts'
import { type ChatState, initialState } from './session/state.ts'
import { createStore, type Store } from './session/store.ts'

export interface ClientNeeds extends Omit<LinkNeeds, 'onFrame' | 'onChange'> {
  session: string
  outbox: Outbox
  newId: () => string
  now: () => number
  /** Something was written here: other tabs list and show it too. */
  onWritten?: (session: string) => void
}

/** Everything the page can ask for. */
export interface Client {
  store: Pick<Store<ChatState, ChatEvent>, 'get' | 'subscribe'>
  send(text: string): void
  /** A button of message `seq`; 0 is the greeting. */
  press(seq: number, button: PageButton): void
  show(session: string): void
  older(): void
  retry(id: string): void
  discard(id: string): void
  refreshSessions(): void
  /** Another tab wrote in a session. */
  writtenElsewhere(session: string): void
  closeNotice(): void
  reconnect(): void
  close(): void
}

/** Joins the state of the page with its connection. */
export function createClient({ session, outbox, newId, now, onWritten, ...wire }: ClientNeeds): Client {
  const store = createStore(initialState(session, outbox.load(now())), apply)
  const send: Link['send'] = (frame) => link.send(frame)
  const following = createFollowing(store, send)
  const listing = createListing(send)
  const delivery = createDelivery({ store, outbox, send, newId, now })
  const silence = createSilence((of, what) => store.dispatch({ type: 'fellSilent', session: of, what }))

  function onFrame(frame: ServerFrame): void {
    const { drafts } = store.get()
    store.dispatch({ type: 'frame', frame })
    following.onFrame(frame)
    delivery.onFrame(frame, drafts)
    silence.watch(frame)
    if (frame.type === 'accepted') {
      listing.refresh()
      onWritten?.(frame.session)
    }
  }

  const link = createLink({
    ...wire,
    onFrame,
    onChange: (connection) => store.dispatch({ type: 'connection', connection }),
  })

  return {
    store,
    send: (text) => delivery.write({ text }),
    press: (seq, { label, action }) => delivery.write({ text: label, press: { seq, action } }),
    show(next) {
      store.dispatch({ type: 'shown', session: next })
      following.open()
    },
    older: following.older,
    retry: delivery.retry,
    discard: delivery.discard,
    refreshSessions: listing.refresh,
    writtenElsewhere(written) {
      listing.refresh()
      following.writtenElsewhere(written)
    },
    closeNotice: () => store.dispatch({ type: 'noticeClosed' }),
    reconnect: link.retryNow,
    close() {
      for (const part of [following, listing, delivery, silence, link]) part.close()
    },
  }
}
