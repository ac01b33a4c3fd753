import {
  allContainers,
  type Manifest,
  ofKind,
  type Pods,
  pods,
  type Rule,
  selects,
  type Workload,
  workloads,
} from '../manifest.ts'

/** The Secret an operator makes from secret.example.env, or the External Secrets Operator. */
const secretByHand = 'parley'

/** A workload finds its own pods, and nobody else's. */
export const selectors: Rule = (manifests) => {
  const all = workloads(manifests)
  return all.flatMap(({ kind, name, spec }) => {
    const wanted = spec.selector.matchLabels ?? {}
    const finds = (other: Workload): boolean => selects(wanted, other.spec.template.metadata.labels)
    const own = all.filter((other) => other.kind === kind && other.name === name)
    const foreign = all.filter((other) => !own.includes(other) && finds(other))
    return [
      ...(own.every(finds) ? [] : [`${kind} ${name} does not select its own pods`]),
      ...foreign.map((other) => `${kind} ${name} also selects the pods of ${other.kind} ${other.name}`),
    ]
  })
}

/** A Service leads to a port that its pods have. One without a selector leads nowhere, as is meant. */
export const services: Rule = (manifests) =>
  ofKind(manifests, 'Service').flatMap(({ name, spec }) => {
    if (spec.selector === undefined) return []
    const wanted = spec.selector
    const behind = pods(manifests).filter(({ template }) => selects(wanted, template.metadata.labels))
    if (!behind.some(({ lasting }) => lasting)) return [`Service ${name} selects no pods`]
    return spec.ports.flatMap(({ port, targetPort = port }) =>
      behind
        .filter((each) => !hasPort(each, targetPort))
        .map(({ owner }) => `Service ${name} leads to port ${targetPort}, which ${owner} does not have`),
    )
  })

const hasPort = ({ template }: Pods, wanted: number | string): boolean =>
  template.spec.containers.some(({ ports }) =>
    ports.some(({ name, containerPort }) => name === wanted || containerPort === wanted),
  )

/** Everything a manifest names is there. */
export const references: Rule = (manifests) => [
  ...pods(manifests).flatMap((each) => podReferences(manifests, each)),
  ...ofKind(manifests, 'HorizontalPodAutoscaler').flatMap(({ name, spec }) => {
    const { kind, name: target } = spec.scaleTargetRef
    const found = workloads(manifests).find((each) => each.kind === kind && each.name === target)
    if (!found) return [`HorizontalPodAutoscaler ${name} scales ${kind} ${target}, which is not there`]
    const fits = spec.minReplicas <= found.spec.replicas && found.spec.replicas <= spec.maxReplicas
    return fits
      ? []
      : [`HorizontalPodAutoscaler ${name}: ${target} begins with ${found.spec.replicas}, out of its bounds`]
  }),
]

function podReferences(manifests: readonly Manifest[], each: Pods): string[] {
  const { volumes } = each.template.spec
  const claims = new Set(claimTemplates(manifests, each.owner))
  const has = (kind: string, name: string): boolean =>
    manifests.some((manifest) => manifest.kind === kind && manifest.metadata.name === name)
  const missing = (kind: string, name: string | undefined, isThere = has): string[] =>
    name === undefined || isThere(kind, name)
      ? []
      : [`${each.owner} needs ${kind} ${name}, which is not there`]
  const hasClaim = (kind: string, name: string): boolean =>
    has(kind, name) || madeClaims(manifests).includes(name)
  return [
    ...volumes.flatMap((volume) => [
      ...missing('ConfigMap', volume.configMap?.name),
      ...missing('Secret', volume.secret?.secretName, (_, name) => name === secretByHand),
      ...missing('PersistentVolumeClaim', volume.persistentVolumeClaim?.claimName, hasClaim),
    ]),
    ...allContainers(each).flatMap(({ name, envFrom, volumeMounts }) => [
      ...envFrom.flatMap((source) => missing('ConfigMap', source.configMapRef?.name)),
      ...volumeMounts
        .filter((mount) => !volumes.some((volume) => volume.name === mount.name) && !claims.has(mount.name))
        .map(
          (mount) => `${each.owner}, container ${name} mounts ${mount.name}, which is no volume of its pod`,
        ),
    ]),
  ]
}

const claimTemplates = (manifests: readonly Manifest[], owner: string): string[] =>
  workloads(manifests)
    .filter(({ kind, name }) => `${kind} ${name}` === owner)
    .flatMap(({ spec }) => spec.volumeClaimTemplates.map(({ metadata }) => metadata.name))

/** The claims a StatefulSet makes: template, its name, number of the pod. */
const madeClaims = (manifests: readonly Manifest[]): string[] =>
  ofKind(manifests, 'StatefulSet').flatMap(({ name, spec }) =>
    spec.volumeClaimTemplates.flatMap(({ metadata }) =>
      Array.from({ length: spec.replicas }, (_, index) => `${metadata.name}-${name}-${index}`),
    ),
  )

/** A node can be emptied, and never of everything at once. */
export const disruptions: Rule = (manifests) => {
  const smallest = ({ name, spec }: Workload): number =>
    ofKind(manifests, 'HorizontalPodAutoscaler').find((each) => each.spec.scaleTargetRef.name === name)?.spec
      .minReplicas ?? spec.replicas
  return ofKind(manifests, 'PodDisruptionBudget').flatMap(({ name, spec }) => {
    const wanted = spec.selector.matchLabels ?? {}
    const meant = workloads(manifests).filter((each) => selects(wanted, each.spec.template.metadata.labels))
    if (meant.length !== 1)
      return [`PodDisruptionBudget ${name} speaks of ${meant.length} workloads, not one`]
    const least = Math.min(...meant.map(smallest))
    const evictable = spec.maxUnavailable ?? least - (spec.minAvailable ?? 0)
    if (evictable < 1)
      return [`PodDisruptionBudget ${name} lets no node be emptied: ${least} pods, none may go`]
    return evictable >= least
      ? [`PodDisruptionBudget ${name} protects nothing: all ${least} pods may go`]
      : []
  })
}
