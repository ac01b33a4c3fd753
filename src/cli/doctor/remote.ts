import { isLoopback } from '../../config/checks.ts'

/** Whether an address is on another machine; the default of a provider always is. A socket file has no host. */
export function isRemote(address: string | undefined): boolean {
  if (address === undefined) return true
  const { hostname } = new URL(address)
  return hostname !== '' && !isLoopback(hostname)
}
