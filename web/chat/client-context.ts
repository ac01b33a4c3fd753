import { createContext, useContext, useSyncExternalStore } from 'react'
import type { Client } from './client.ts'
import type { ChatState } from './session/state.ts'

export const ClientContext = createContext<Client | undefined>(undefined)

export function useClient(): Client {
  const client = useContext(ClientContext)
  if (!client) throw new Error('A part of the chat stands outside of its ClientContext.')
  return client
}

/** A part of the state; must be the same object while it has not changed. */
export function useChat<Part>(part: (state: ChatState) => Part): Part {
  const { store } = useClient()
  return useSyncExternalStore(store.subscribe, () => part(store.get()))
}
