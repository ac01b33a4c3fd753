import { type Project, asProject } from './compose.ts'
import { commands, configurations, environment, onePoller, stops } from './rules/parley.ts'
import { dependencies, health, images, logs, restarts, room } from './rules/running.ts'
import { mounts, ports, rights, variables } from './rules/safety.ts'

/** A rule of `deploy/compose`: what is wrong with a project, a line each. */
export type Rule = (project: Project) => string[]

const rules: Rule[] = [images, health, dependencies, room, restarts, logs]
  .concat([rights, ports, mounts, variables])
  .concat([environment, onePoller, stops, configurations])

/** What is wrong with a compose project, a line each. */
export async function checkProject(tree: Record<string, unknown>): Promise<string[]> {
  const project = asProject(tree)
  return [...rules.flatMap((rule) => rule(project)), ...(await commands(project))]
}
