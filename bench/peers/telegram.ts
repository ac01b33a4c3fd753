import { listenRaw, rawAnswer, type RawServer } from './http.ts'

const ok = (result: unknown): string => rawAnswer(JSON.stringify({ ok: true, result }))

const me = ok({ id: 123456, is_bot: true, first_name: 'Bench', username: 'bench_bot' })
const sent = ok({ message_id: 1, date: 1, chat: { id: 1, type: 'private' }, text: 'x' })
const done = ok(true)

/** A Bot API server that takes everything at once; `onSent` is told the chat of each message sent. */
export function startTelegram(webhookUrl: () => string, onSent: (chat: number) => void): Promise<RawServer> {
  return listenRaw(({ path, body, write }) => {
    switch (path.slice(path.lastIndexOf('/') + 1)) {
      case 'sendMessage':
        write(sent)
        return onSent(Number(/"chat_id":"?(-?\d+)/.exec(body)?.[1]))
      case 'getMe':
        return write(me)
      case 'getWebhookInfo':
        return write(webhookInfo(webhookUrl()))
      case 'getMyCommands':
        return write(ok([]))
      default:
        return write(done)
    }
  })
}

const webhookInfo = (url: string): string =>
  ok({ url, has_custom_certificate: false, pending_update_count: 0, max_connections: 40 })
