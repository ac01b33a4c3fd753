import { isTest, partOf } from './rule.ts'
import type { Source } from './source.ts'

/** Folders with one contract and several implementations: outsiders see the contract alone. */
const contracts: Record<string, string> = {
  store: 'src/store/store.ts',
  coordination: 'src/coordination/coordination.ts',
  llm: 'src/llm/llm.ts',
  channels: 'src/channels/channel.ts',
  answers: 'src/answers/answers.ts',
}

/** Folders whose subfolders are implementations beside each other. */
const siblingFolders = ['src/channels', 'src/answers', 'src/coordination', 'src/llm', 'src/store/dialect']

/** Outside a family only its contract; `app.ts` puts implementations together, `cli` works on the store. */
export function contractsOnly(sources: Source[]): string[] {
  return eachImport(sources, (path, target) => {
    const family = partOf(target)
    const from = partOf(path)
    const contract = family === undefined ? undefined : contracts[family]
    const isOutsider =
      from !== family && from !== 'app' && from !== 'bench' && !(from === 'cli' && family === 'store')
    return contract !== undefined && isOutsider && target !== contract
      ? `only its contract ${contract}`
      : undefined
  })
}

/** An implementation can be removed without the others noticing. */
export function siblings(sources: Source[]): string[] {
  return eachImport(sources, (path, target) => {
    for (const folder of siblingFolders) {
      const mine = childOf(folder, path)
      const other = childOf(folder, target)
      if (mine !== undefined && other !== undefined && mine !== other) return 'siblings never import siblings'
    }
    return undefined
  })
}

function childOf(folder: string, path: string): string | undefined {
  if (!path.startsWith(`${folder}/`)) return undefined
  const [child, rest] = path.slice(folder.length + 1).split('/')
  return rest === undefined ? undefined : child
}

function eachImport(
  sources: Source[],
  judge: (path: string, target: string) => string | undefined,
): string[] {
  return sources.flatMap(({ path, imports }) =>
    imports.flatMap(({ target, line }) => {
      const verdict = target === undefined || isTest(path) ? undefined : judge(path, target)
      return verdict === undefined ? [] : [`${path}:${line} imports ${target}: ${verdict}`]
    }),
  )
}
