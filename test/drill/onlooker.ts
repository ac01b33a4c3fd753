import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** Asks for the version all the time, as somebody outside would. */
export interface Onlooker {
  start(): void
  /** Waits so long, in which two versions must answer. */
  expectTwo(ms: number): Promise<void>
  /** How often that was so. */
  timesTwo(): number
  close(): void
}

/** Often enough that the shortest time two are beside each other has twenty looks. */
const everyMs = 25

export function createOnlooker(port: number, onFault: (what: string) => void): Onlooker {
  const heard: { at: number; said: string }[] = []
  let timer: NodeJS.Timeout | undefined
  let twice = 0

  async function look(): Promise<void> {
    const said = await versionAt(port)
    if (said === undefined) onFault('/api/version was not answered')
    else heard.push({ at: performance.now(), said })
  }

  return {
    start() {
      timer = setInterval(() => void look(), everyMs)
    },
    async expectTwo(ms) {
      const from = performance.now()
      await sleep(ms)
      const versions = new Set(heard.filter(({ at }) => at >= from).map(({ said }) => said))
      if (versions.size === 2) twice += 1
    },
    timesTwo: () => twice,
    close: () => clearInterval(timer),
  }
}

/** Over a connection of its own, as new visitors come. */
function versionAt(port: number): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  get({ port, host: '127.0.0.1', path: '/api/version', agent: false }, (response) => {
    let text = ''
    response.on('data', (bytes) => (text += String(bytes)))
    response.on('end', () => resolve(response.statusCode === 200 ? versionIn(text) : undefined))
  }).on('error', () => resolve(undefined))
  return promise
}

function versionIn(text: string): string {
  const { version, commit } = Object(JSON.parse(text))
  return `${String(version)} ${String(commit)}`
}
