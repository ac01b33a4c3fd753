import { findProgram } from './run/next-release.ts'
import { runProgram } from './run/program.ts'

/** How manifests are rendered here: by kustomize, or by the one in kubectl. */
export function kustomizeCommand(): string[] | undefined {
  const kustomize = findProgram('kustomize', 'KUSTOMIZE_PATH')
  if (kustomize !== undefined) return [kustomize, 'build']
  const kubectl = findProgram('kubectl')
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
