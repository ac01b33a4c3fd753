import { openStore, type DatabaseOptions } from '../../src/store/open.ts'
import { quantile } from '../numbers.ts'
import { token } from '../subjects/subject.ts'

export interface PageTimes {
  p50: number
  p95: number
}

const page = 50

/** Milliseconds for the last page of a conversation's history, read `count` times through the store. */
export async function timePages(
  options: DatabaseOptions,
  chats: readonly number[],
  count: number,
): Promise<PageTimes> {
  const store = await openStore(options, { onConnectionError: () => undefined })
  const account = token.split(':')[0] ?? ''
  const ids: string[] = []
  for (const chat of chats) {
    const found = await store.read.conversations.find('telegram', account, String(chat), '')
    if (found) ids.push(found.id)
  }
  const times: number[] = []
  for (let index = 0; index < count; index += 1) {
    const began = performance.now()
    await store.read.messages.page(ids[index % ids.length] ?? '', { limit: page })
    times.push(performance.now() - began)
  }
  await store.close()
  return { p50: quantile(times, 0.5), p95: quantile(times, 0.95) }
}
