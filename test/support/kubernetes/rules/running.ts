import {
  allContainers,
  type Container,
  isParley,
  ofKind,
  type Pods,
  pods,
  type Rule,
  workloads,
} from '../manifest.ts'

/** Without a limit one pod takes the node down with it; without a request it is put where there is no room. */
export const room: Rule = (manifests) =>
  pods(manifests).flatMap((each) =>
    allContainers(each).flatMap(({ name, resources }) =>
      (['requests', 'limits'] as const).flatMap((which) =>
        ['cpu', 'memory']
          .filter((what) => resources[which][what] === undefined)
          .map((what) => `${each.owner}, container ${name} has no ${which}.${what}`),
      ),
    ),
  )

const probeNames = ['startupProbe', 'livenessProbe', 'readinessProbe'] as const
const ownPaths = { startupProbe: '/livez', livenessProbe: '/livez', readinessProbe: '/readyz' }

/** Liveness asks for the process only: a database that is away must not get every pod killed. */
export const probes: Rule = (manifests) =>
  pods(manifests)
    .filter(({ lasting }) => lasting)
    .flatMap((each) => each.template.spec.containers.flatMap((container) => probesOf(each, container)))

function probesOf(each: Pods, container: Container): string[] {
  return probeNames.flatMap((name) => {
    const where = `${each.owner}, container ${container.name}`
    const get = container[name]?.httpGet
    if (get === undefined) return [`${where} has no ${name} by HTTP`]
    const isKnown = container.ports.some((port) => port.name === get.port || port.containerPort === get.port)
    const path = isKnown ? [] : [`${where}: ${name} asks port ${get.port}, which it does not have`]
    if (!isParley(each) || get.path === ownPaths[name]) return path
    return [...path, `${where}: ${name} asks ${get.path}, not ${ownPaths[name]}`]
  })
}

export const roleOf = ({ args }: Pick<Container, 'args'>): string | undefined => {
  if (args[0] !== 'start') return undefined
  const at = args.findIndex((argument) => argument === '--role' || argument === '-r')
  return at < 0 ? 'all' : args[at + 1]
}

/** Two pollers on one token answer each other with 409. */
export const onePoller: Rule = (manifests) => {
  const polling = workloads(manifests).filter(({ spec }) =>
    spec.template.spec.containers.some((container) => ['all', 'poller'].includes(roleOf(container) ?? '')),
  )
  const count = polling.reduce((sum, { spec }) => sum + spec.replicas, 0)
  const names = new Set(polling.map(({ name }) => name))
  const scaled = ofKind(manifests, 'HorizontalPodAutoscaler').filter(({ spec }) =>
    names.has(spec.scaleTargetRef.name),
  )
  return [
    ...(count === 1 ? [] : [`there are ${count} pollers, not one`]),
    ...scaled.map(({ name }) => `HorizontalPodAutoscaler ${name} makes more pollers than one`),
    ...polling.flatMap(({ kind, name, spec }) =>
      kind === 'Deployment' && spec.strategy?.type !== 'Recreate'
        ? [`${kind} ${name} starts a second poller before the first has ended (strategy: Recreate)`]
        : [],
    ),
  ]
}

/** SIGTERM: at most half a minute for the work in hand, after what the pod does before it. */
export const drainSeconds = 35

/** A new version never takes away what serves before it is ready, and lets it finish. */
export const rolls: Rule = (manifests) =>
  workloads(manifests).flatMap(({ kind, name, spec }) => {
    const { labels } = spec.template.metadata
    if (labels['app.kubernetes.io/name'] !== 'parley') return []
    const isRolling = kind === 'Deployment' && spec.strategy?.type !== 'Recreate' && spec.replicas > 1
    return [
      ...(spec.template.spec.terminationGracePeriodSeconds < drainSeconds
        ? [
            `${kind} ${name} is killed before it has finished (terminationGracePeriodSeconds < ${drainSeconds})`,
          ]
        : []),
      ...(isRolling && spec.strategy?.rollingUpdate?.maxUnavailable !== 0
        ? [`${kind} ${name} may be fewer than it should while it rolls (maxUnavailable: 0)`]
        : []),
    ]
  })

/** Of a node that is silent, in seconds: `tolerationSeconds`, which Kubernetes takes for 300 where nothing is said. */
const longestSilence = 60

/** A node that dies takes what there is one of along, until it is made on another one. */
export const moves: Rule = (manifests) =>
  pods(manifests)
    .filter((each) => each.lasting && isParley(each))
    .flatMap(({ owner, template }) =>
      ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].flatMap((key) => {
        const own = template.spec.tolerations.filter((each) => each.key === key)
        const seconds = Math.max(...own.map(({ tolerationSeconds }) => tolerationSeconds ?? Infinity))
        if (own.length > 0 && seconds <= longestSilence) return []
        return [`${owner} stays on a dead node for more than ${longestSilence} s (tolerations: ${key})`]
      }),
    )
