import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { unpackedPrograms } from './run/next-release.ts'
import { runProgram } from './run/program.ts'

/** How manifests are rendered here: by kustomize, or by the one in kubectl. */
export function kustomizeCommand(): string[] | undefined {
  const named = process.env.KUSTOMIZE_PATH
  if (named !== undefined) return existsSync(named) ? [named, 'build'] : undefined
  const folders = [...(process.env.PATH ?? '').split(delimiter), unpackedPrograms]
  const find = (name: string): string | undefined =>
    folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
  const [kustomize, kubectl] = [find('kustomize'), find('kubectl')]
  if (kustomize !== undefined) return [kustomize, 'build']
  return kubectl === undefined ? undefined : [kubectl, 'kustomize']
}

/** The manifests that a folder with a kustomization.yaml renders to. Throws with what kustomize says. */
export async function render(folder: string): Promise<string> {
  const command = kustomizeCommand()
  if (command === undefined)
    throw new Error('There is neither kustomize nor kubectl: run `npm test`, or set KUSTOMIZE_PATH')
  const { code, output } = await runProgram([...command, folder])
  if (code !== 0) throw new Error(output)
  return output
}
