import { useEffect, useState } from 'react'
import type { StatusReport } from '../../src/http/contract/socket.ts'

/** How often the state is asked for, in milliseconds. */
const every = 5000

export interface Status {
  /** The last report; kept while the server cannot be reached. */
  report: StatusReport | undefined
  reachable: boolean
}

/** The state of the server, asked for again and again while the page is seen. */
export function useStatus(): Status {
  const [status, setStatus] = useState<Status>({ report: undefined, reachable: true })
  useEffect(() => {
    const asking = new AbortController()
    const ask = async () => {
      if (document.visibilityState === 'hidden') return
      const report = await fetchStatus(asking.signal)
      if (asking.signal.aborted) return
      setStatus((before) => (report ? { report, reachable: true } : { ...before, reachable: false }))
    }
    void ask()
    const timer = setInterval(ask, every)
    document.addEventListener('visibilitychange', ask)
    return () => {
      asking.abort()
      clearInterval(timer)
      document.removeEventListener('visibilitychange', ask)
    }
  }, [])
  return status
}

async function fetchStatus(signal: AbortSignal): Promise<StatusReport | undefined> {
  try {
    const response = await fetch('/api/status', {
      signal: AbortSignal.any([signal, AbortSignal.timeout(every)]),
    })
    return response.ok ? await response.json() : undefined
  } catch {
    return undefined
  }
}
