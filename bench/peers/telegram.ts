import { listenRaw, rawAnswer } from './http.ts'

const ok = (result: unknown): string => rawAnswer(JSON.stringify({ ok: true, result }))

const me = ok({ id: 123456, is_bot: true, first_name: 'Bench', username: 'bench_bot' })
const sent = ok({ message_id: 1, date: 1, chat: { id: 1, type: 'private' }, text: 'x' })

/** A Bot API server that takes everything; `onSent` is told the chat of each message sent. */
export function startTelegram(
  webhookUrl: string,
  onSent: (chat: string) => void,
): ReturnType<typeof listenRaw> {
  return listenRaw(({ path, body }) => {
    const method = path.slice(path.lastIndexOf('/') + 1)
    switch (method) {
      case 'sendMessage': {
        const chat = /"chat_id":"?(-?\d+)/.exec(body)?.[1]
        if (chat !== undefined) onSent(chat)
        return sent
      }
      case 'getMe':
        return me
      case 'getWebhookInfo':
        return ok({
          url: webhookUrl,
          has_custom_certificate: false,
          pending_update_count: 0,
          max_connections: 40,
        })
      case 'getMyCommands':
        return ok([])
      default:
        return ok(true)
    }
  })
}
