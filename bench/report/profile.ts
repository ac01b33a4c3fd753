import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Table } from './table.ts'

/** What `node --cpu-prof` writes (https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile). */
const profileFile = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
      children: z.array(z.number()).optional(),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
})

export type Profile = z.infer<typeof profileFile>
type Frame = Profile['nodes'][number]['callFrame']

const root = join(import.meta.dirname, '../..')
const most = 40

/** The latest profile in `folder`, or undefined. */
export function readProfile(folder: string): Profile | undefined {
  const name = readdirSync(folder)
    .filter((file) => file.endsWith('.cpuprofile'))
    .sort()
    .at(-1)
  return name === undefined
    ? undefined
    : profileFile.parse(JSON.parse(readFileSync(join(folder, name), 'utf8')))
}

/**
 * Where the time goes: each sample counts for the innermost function of our own that was running, for the package when
 * there was none, else for Node itself. `from`: the share of the time that is left out, as the start.
 */
export function profileTable(title: string, profile: Profile, from: number): Table {
  const { samples, timeDeltas } = profile
  const ownerOf = owners(profile)
  const total = new Map<string, number>()
  const first = Math.floor(samples.length * from)
  for (const [index, id] of samples.entries()) {
    if (index < first) continue
    const owner = ownerOf(id)
    total.set(owner, (total.get(owner) ?? 0) + (timeDeltas[index] ?? 0))
  }
  total.delete('(idle)')
  const busy = [...total.values()].reduce((sum, time) => sum + time, 0)
  const rows = [...total].sort(([, one], [, other]) => other - one).slice(0, most)
  return {
    title,
    columns: [
      { key: 'percent', head: '%', digits: 1 },
      { key: 'owner', head: 'where' },
    ],
    rows: rows.map(([owner, time]) => ({ owner, percent: (time / busy) * 100 })),
  }
}

function owners({ nodes }: Profile): (id: number) => string {
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]))
  const parents = new Map(
    nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  )
  const known = new Map<number, string>()
  return (id) => {
    const before = known.get(id)
    if (before !== undefined) return before
    const stack: Frame[] = []
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const frame = byId.get(at)
      if (frame) stack.push(frame)
    }
    const owner = ownerOf(stack)
    known.set(id, owner)
    return owner
  }
}

/** `stack`: the innermost frame first. */
function ownerOf(stack: Frame[]): string {
  const [top] = stack
  if (top?.url === '' && top.functionName.startsWith('(')) return top.functionName
  const places = stack.map(({ url, functionName }) => ({ path: pathOf(url), functionName }))
  const own = places.find(({ path }) => path.startsWith('src/'))
  if (own) return `${own.path} ${own.functionName || 'anonymous'}`
  const foreign = places.find(({ path }) => path.includes('node_modules/'))
  const name = foreign?.path.split('node_modules/').at(-1)?.split('/') ?? []
  if (foreign) return `package ${name.slice(0, name[0]?.startsWith('@') ? 2 : 1).join('/')}`
  return `node ${top?.url || top?.functionName}`
}

function pathOf(url: string): string {
  const path = url.startsWith('file://') ? fileURLToPath(url) : url
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path
}
