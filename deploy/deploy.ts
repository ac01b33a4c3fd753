// Sets a version, verifies it, and goes back by itself: see usage.
import { parseArgs } from 'node:util'
import { createHostTarget } from './steps/host.ts'
import { type Image, readImage } from './steps/image.ts'
import { createKubernetesTarget } from './steps/kubernetes.ts'
import { type Outcome, roll, type Target } from './steps/roll.ts'

const usage = `Usage: npm run node -- deploy/deploy.ts kubernetes FOLDER --image NAME:VERSION-COMMIT --url URL
       npm run node -- deploy/deploy.ts host USER@HOST:FOLDER --image NAME:VERSION-COMMIT --url URL

Sets the image, waits until all of it runs, and verifies it at URL by its version and a conversation (--within SECONDS,
120). When that fails, what ran before is set and verified again, unless somebody else has set something else meanwhile.
  kubernetes   FOLDER is an overlay or a tenant; kubectl speaks to the cluster. What runs then is written into its
               kustomization as newTag: commit that, for \`kubectl apply -k\` sets what stands there
  host         FOLDER on the host has compose.yaml, which takes PARLEY_IMAGE from .env
Exit codes: 0 the new version runs, 1 the one before does, 2 wrong usage, 3 look at it: neither does, or not all of the one
before could be set back, 4 overtaken: what somebody else has set meanwhile was left alone.`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  strict: false,
  options: { image: { type: 'string' }, url: { type: 'string' }, within: { type: 'string', default: '120' } },
})

const exitCodes: Record<Outcome, number> = { set: 0, untouched: 1, back: 1, lost: 3, overtaken: 4 }
const endings: Record<Outcome, string> = {
  set: 'done',
  untouched: 'NOT DEPLOYED: nothing was changed',
  back: 'NOT DEPLOYED: what ran before runs again',
  overtaken: 'OVERTAKEN: not the new version, and what somebody else has set meanwhile was left alone',
  lost: 'LOOK AT IT: the new version does not run as it should, and what ran before, if anything did, is not wholly back',
}

process.exitCode = await main(positionals, values)

async function main([kind, place, ...others]: string[], options: Record<string, unknown>): Promise<number> {
  const { url, within } = options
  const target = others.length > 0 || place === undefined ? undefined : targetOf(kind, place)
  const image = imageOf(options['image'])
  if (!target || !image || typeof url !== 'string' || !URL.canParse(url) || !(Number(within) > 0)) {
    process.stderr.write(`${usage}\n`)
    return 2
  }
  const outcome = await roll(target, { image, url, verifyMs: Number(within) * 1000, say })
  say(endings[outcome])
  return exitCodes[outcome]
}

function imageOf(reference: unknown): Image | undefined {
  try {
    return readImage(String(reference))
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n`)
    return undefined
  }
}

function targetOf(kind: string | undefined, place: string): Target | undefined {
  if (kind === 'kubernetes') return createKubernetesTarget(place)
  const [, address, folder] = /^([^\s:]+):(\/.+)$/.exec(place) ?? []
  if (kind !== 'host' || address === undefined || folder === undefined) return undefined
  return createHostTarget(address, folder)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
