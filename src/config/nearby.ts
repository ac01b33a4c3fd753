/** Names that only a machine's own network resolves: Docker's, mDNS, the names of containers. */
const nearNames = /^([^.]+|.+\.(local|localhost|internal|lan|home\.arpa))$/
/** RFC 1918, RFC 4193, link-local and loopback addresses. */
const nearAddresses =
  /^(127\.|10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.)[\d.]+$|^\[(::1|f[cd][\da-f]{2}:.*|fe80:.*)\]$/

/** Whether an address leads to this machine or its own network, as far as it can be told without asking anybody. */
export function isNearby(url: string | undefined): boolean {
  if (url === undefined || !URL.canParse(url)) return false
  const { hostname } = new URL(url)
  if (/^[\d.]+$/.test(hostname) || hostname.startsWith('[')) return nearAddresses.test(hostname)
  return nearNames.test(hostname)
}
