// Sets a version, verifies it, and goes back by itself: see usage.
import { parseArgs } from 'node:util'
import { onStopSignal } from '../src/cli/signals.ts'
import { createHostTarget } from './steps/host.ts'
import { readImage } from './steps/image.ts'
import { createKubernetesTarget } from './steps/kubernetes.ts'
import { type Outcome, roll, type Target } from './steps/roll.ts'
import { requireAddress } from './steps/running.ts'

const usage = `Usage: npm run node -- deploy/deploy.ts kubernetes FOLDER --image NAME:VERSION-COMMIT --url URL
       npm run node -- deploy/deploy.ts host USER@HOST:FOLDER --image NAME:VERSION-COMMIT --url URL

Sets the image, waits until all of it runs, and verifies it at URL by its version and a conversation (--within SECONDS,
120). When that fails, what ran before is set and verified again, unless somebody else has set something else meanwhile. So it is
on Ctrl+C, on SIGTERM and when its terminal is closed; a second Ctrl+C or SIGTERM ends it at once.
  kubernetes   FOLDER is an overlay or a tenant; kubectl speaks to the cluster. First a job of the new version migrates what
               the one before works on as well, however long that takes. What runs then is written into the folder's
               kustomization as newTag: commit that, for \`kubectl apply -k\` sets what stands there. While deploy/restore.ts
               works nothing is set, nor where it has left something stopped: do first what it says
  host         FOLDER on the host has compose.yaml, which takes PARLEY_IMAGE from .env
Exit codes: 0 the new version runs, 1 the one before does, 2 wrong usage, 3 look at it: neither does, or not all of the one
before could be set back, 4 overtaken: what somebody else has set meanwhile was left alone.`

const exitCodes: Record<Outcome, number> = { set: 0, untouched: 1, back: 1, lost: 3, overtaken: 4 }
const endings: Record<Outcome, string> = {
  set: 'done',
  untouched: 'NOT DEPLOYED: nothing was changed',
  back: 'NOT DEPLOYED: what ran before runs again',
  overtaken: 'OVERTAKEN: not the new version, and what somebody else has set meanwhile was left alone',
  lost: 'LOOK AT IT: the new version does not run as it should, and what ran before, if anything did, is not wholly back',
}

process.exitCode = await main()

async function main(): Promise<number> {
  const asked = read()
  if (!asked) return 2
  const outcome = await roll(asked.target, { ...asked.plan, say, stopped: stopSignal() })
  say(endings[outcome])
  return exitCodes[outcome]
}

/** Ctrl+C, or the end of a runner or a terminal: the way back is gone, unless somebody asks twice. */
function stopSignal(): AbortSignal {
  const stop = new AbortController()
  const end = (): void => {
    say(endings.lost)
    process.exit(exitCodes.lost)
  }
  const stopBy = (signal: NodeJS.Signals): void => {
    say(`${signal}: what was set is taken back; once more ends this at once`)
    stop.abort(new Error(`stopped by ${signal}`))
  }
  void onStopSignal(end).then(stopBy)
  // A terminal that is closed says so more than once, and shows nothing any more.
  process.on('SIGHUP', stopBy)
  process.stdout.on('error', () => undefined)
  return stop.signal
}

/** What is meant; `undefined`, once said, where that is not clear: nothing is set then. */
function read() {
  try {
    const text = { type: 'string' } as const
    const options = { image: text, url: text, within: text }
    const { values, positionals } = parseArgs({ allowPositionals: true, options })
    const { image = '', url = '', within = '120' } = values
    const [kind, place, ...others] = positionals
    const target = others.length > 0 || place === undefined ? undefined : targetOf(kind, place)
    if (!target) throw new Error('Where to, in two words?')
    requireAddress(url)
    if (!(Number(within) > 0)) throw new Error(`--within "${within}" are no seconds`)
    return { target, plan: { image: readImage(image), url, verifyMs: Number(within) * 1000 } }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}\n`)
    return undefined
  }
}

function targetOf(kind: string | undefined, place: string): Target | undefined {
  if (kind === 'kubernetes') return createKubernetesTarget(place)
  const [, address, folder] = /^([^\s:]+):(\/.+)$/.exec(place) ?? []
  if (kind !== 'host' || address === undefined || folder === undefined) return undefined
  return createHostTarget(address, folder, say)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
