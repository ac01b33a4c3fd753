/** The version of the Parley that answers at an address; `undefined` where it is another program. */
export async function runningVersion(host: string, port: number): Promise<string | undefined> {
  const reachable = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  const name = reachable.includes(':') ? `[${reachable}]` : reachable
  try {
    const response = await fetch(`http://${name}:${port}/api/version`, { signal: AbortSignal.timeout(2000) })
    const body: unknown = await response.json()
    if (typeof body !== 'object' || body === null || !('version' in body)) return undefined
    return typeof body.version === 'string' && 'commit' in body ? body.version : undefined
  } catch {
    return undefined // Not ours, whatever it is.
  }
}
