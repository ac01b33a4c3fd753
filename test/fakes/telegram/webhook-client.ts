import { Pool } from 'undici'
import type { Webhook } from './state.ts'

export interface WebhookClient {
  /** `error` as `getWebhookInfo` would tell it; `retryAfter` in seconds. Never throws. */
  post(body: string): Promise<{ error: string | undefined; retryAfter: number }>
  close(): Promise<void>
}

export function createWebhookClient(webhook: Webhook, timeoutMs: number): WebhookClient {
  const { origin, pathname, search } = new URL(webhook.url)
  const pool = new Pool(origin, {
    connections: webhook.maxConnections,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  })
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (webhook.secret !== '') headers['x-telegram-bot-api-secret-token'] = webhook.secret
  return {
    async post(body) {
      try {
        const response = await pool.request({ path: pathname + search, method: 'POST', headers, body })
        await response.body.dump()
        const { statusCode } = response
        if (statusCode >= 200 && statusCode < 300) return { error: undefined, retryAfter: 0 }
        const retryAfter = Number.parseInt(String(response.headers['retry-after'] ?? '0'), 10) || 0
        return { error: `Wrong response from the webhook: ${statusCode} ${response.statusText}`, retryAfter }
      } catch (error) {
        return { error: describe(error), retryAfter: 0 }
      }
    },
    close: () => pool.destroy(),
  }
}

function describe(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ECONNREFUSED') return 'Connection refused'
  return code.includes('TIMEOUT') ? 'Read timeout expired' : 'Webhook connection closed'
}
