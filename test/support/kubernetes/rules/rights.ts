import { allContainers, type Container, type Pods, pods, type Rule } from '../manifest.ts'

/** The `restricted` Pod Security Standard, and a root that is read-only. */
export const rights: Rule = (manifests) =>
  pods(manifests).flatMap((each) => [...ofPod(each), ...ofContainers(each)])

function ofPod({ owner, template: { spec } }: Pods): string[] {
  const { securityContext: context } = spec
  return wrong(owner, {
    'may run as root (runAsNonRoot)': context.runAsNonRoot !== true || context.runAsUser === 0,
    'names no user (runAsUser)': context.runAsUser === undefined,
    'has no seccomp profile RuntimeDefault': context.seccompProfile?.type !== 'RuntimeDefault',
    'gets a token of the cluster (automountServiceAccountToken)': spec.automountServiceAccountToken !== false,
    'shares the node (host…)': Boolean(spec.hostNetwork || spec.hostPID || spec.hostIPC),
    'mounts a path of the node (hostPath)': spec.volumes.some(({ hostPath }) => hostPath !== undefined),
  })
}

const ofContainers = (each: Pods): string[] =>
  allContainers(each).flatMap((container) =>
    ofContainer(`${each.owner}, container ${container.name}`, container),
  )

function ofContainer(where: string, { securityContext: context }: Container): string[] {
  const { drop = [], add = [] } = context.capabilities ?? {}
  return wrong(where, {
    'may gain rights (allowPrivilegeEscalation)': context.allowPrivilegeEscalation !== false,
    'is privileged': context.privileged === true,
    'runs as root': context.runAsUser === 0,
    'may run as root (runAsNonRoot)': context.runAsNonRoot === false,
    'has another seccomp profile than RuntimeDefault':
      context.seccompProfile !== undefined && context.seccompProfile.type !== 'RuntimeDefault',
    'may write its root file system (readOnlyRootFilesystem)': context.readOnlyRootFilesystem !== true,
    'keeps capabilities (drop: [ALL])': !drop.includes('ALL') || add.length > 0,
  })
}

const wrong = (where: string, findings: Record<string, boolean>): string[] =>
  Object.entries(findings).flatMap(([what, isSo]) => (isSo ? [`${where} ${what}`] : []))
