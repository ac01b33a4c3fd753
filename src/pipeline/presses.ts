import type { Channel } from '../channels/channel.ts'
import type { Incoming } from '../model/message.ts'
import type { Events } from '../ops/events.ts'
import type { MessageReader } from '../store/store.ts'

export interface PressNeeds {
  store: { read: { messages: Pick<MessageReader, 'buttonsOf'> } }
  channels: ReadonlyMap<string, Channel>
  events: Events
}

/**
 * Leaves out presses of buttons that their message never had: platforms pass on whatever a client says was pressed
 * (Bot API, `CallbackQuery.data`). Asks the store about presses only; the rest keeps its order.
 */
export function createPressCheck({ store, channels, events }: PressNeeds) {
  async function isWanted(incoming: Incoming): Promise<boolean> {
    if (!isPress(incoming) || (await isOffered(store, incoming))) return true
    channels.get(incoming.channel)?.ignored?.(incoming)
    events.updatesIgnored({ channel: incoming.channel, count: 1 })
    return false
  }

  return async (incoming: Incoming[]): Promise<Incoming[]> => {
    if (!incoming.some(isPress)) return incoming
    const wanted = await Promise.all(incoming.map(isWanted))
    return incoming.filter((_, index) => wanted[index])
  }
}

/** A channel that names no message has looked for the button itself. */
const isPress = ({ kind, platformId }: Incoming): boolean => kind === 'button' && platformId !== ''

/** As stored; a message that is not (one whose sender died before recording it) as the platform shows it, by its label. */
async function isOffered({ read }: PressNeeds['store'], incoming: Incoming): Promise<boolean> {
  const { channel, account, chat, platformId, text, extra } = incoming
  const buttons = await read.messages.buttonsOf({ channel, account, chatId: chat.id }, platformId)
  return buttons?.flat().some(({ action }) => action === text) ?? extra?.['label'] !== undefined
}
