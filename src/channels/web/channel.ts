import type { Channel } from '../channel.ts'

/**
 * The web chat. Its replies are delivered by being committed: pages follow the rows of their session by sequence, so
 * nothing is ever sent twice or lost between the two.
 */
export function createWebChannel(options: { quietWindowMs: number }): Channel {
  return {
    name: 'web',
    account: 'web',
    capabilities: {
      delivery: 'pull',
      idempotentSend: true,
      preview: true,
      typing: true,
      quietWindowMs: options.quietWindowMs,
    },
    split: (reply) => [reply],
    send: async () => ({ ok: false, fault: { kind: 'final', reason: 'pages fetch their messages' } }),
    status: () => ({ state: 'up', detail: 'listening' }),
  }
}
