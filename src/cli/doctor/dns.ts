import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { fail, type Item, ok, reasonOf } from './item.ts'

/** The name under which people and platforms come leads somewhere. */
export async function checkName({ hostname }: URL): Promise<Item> {
  if (isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) return ok('dns', `${hostname} is an address already`)
  try {
    const found = await lookup(hostname, { all: true })
    return ok('dns', `${hostname} is ${found.map(({ address }) => address).join(', ')}`)
  } catch (error) {
    const isUnknown = error instanceof Error && 'code' in error && error.code === 'ENOTFOUND'
    return isUnknown
      ? fail(
          'dns',
          `there is no address for ${hostname}`,
          `make an A or AAAA record of ${hostname} that leads to this server, or correct TELEGRAM_WEBHOOK_URL or --url`,
        )
      : fail('dns', reasonOf(error), 'check the name servers of this machine (/etc/resolv.conf)')
  }
}
