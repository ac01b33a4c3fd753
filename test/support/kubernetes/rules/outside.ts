import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { type Manifest, ofKind, pods, type Resource, type Rule, selects } from '../manifest.ts'

const root = join(import.meta.dirname, '../../../..')
/** The socket of the chat stays open as long as its page. */
const socketSeconds = 3600
const timeouts = ['proxy-read-timeout', 'proxy-send-timeout'].map(
  (name) => `nginx.ingress.kubernetes.io/${name}`,
)

/** TLS for every host, sockets that stay open, and nothing that is not for the public. */
export const entrance: Rule = (manifests) =>
  ofKind(manifests, 'Ingress').flatMap((ingress) => [
    ...hostsOf(ingress),
    ...timeouts
      .filter((name) => !(Number(ingress.manifest.metadata.annotations?.[name]) >= socketSeconds))
      .map((name) => `Ingress ${ingress.name} cuts the chat's socket (${name} under ${socketSeconds})`),
    ...backendsOf(ingress, manifests),
  ])

function hostsOf({ name, spec }: Resource<'Ingress'>): string[] {
  const covered = spec.tls.flatMap(({ hosts }) => hosts)
  return spec.rules.flatMap(({ host }) =>
    covered.includes(host) ? [] : [`Ingress ${name} has no TLS for ${host}`],
  )
}

function backendsOf({ name, spec }: Resource<'Ingress'>, manifests: readonly Manifest[]): string[] {
  const services = ofKind(manifests, 'Service')
  const paths = spec.rules.flatMap(({ http }) => http.paths)
  const findings = paths.flatMap(({ path, backend: { service } }) => {
    const found = services.find((each) => each.name === service.name)
    if (!found) return [`Ingress ${name} leads ${path} to Service ${service.name}, which is not there`]
    const hasPort = found.spec.ports.some((port) => port.name === service.port.name)
    return hasPort
      ? []
      : [`Ingress ${name} leads ${path} to port ${service.port.name}, which ${found.name} lacks`]
  })
  const metrics = paths.find(({ path }) => path === '/metrics')
  const closed = services.find((each) => each.name === metrics?.backend.service.name)
  const isOpen = metrics === undefined || closed?.spec.selector !== undefined
  return isOpen ? [...findings, `Ingress ${name} shows /metrics to the public`] : findings
}

type Policy = Resource<'NetworkPolicy'>
const wantedBy = ({ spec }: Policy) => spec.podSelector.matchLabels ?? {}
const closes = (policies: readonly Policy[], type: string): boolean =>
  policies.some((each) => each.spec.policyTypes.includes(type) && Object.keys(wantedBy(each)).length === 0)

/** Where clusters have their DNS: a namespace or an address, and the port of its pods. */
const resolvers: [place: string, port: number][] = [
  ['kube-system', 53],
  ['openshift-dns', 5353],
  ['169.254.20.10/32', 53],
  ['169.254.25.10/32', 53],
]

/** Where nothing goes out but what is listed, every pod finds names. */
export const names: Rule = (manifests) => {
  const policies = ofKind(manifests, 'NetworkPolicy')
  const opens = (policy: Policy, [place, wanted]: (typeof resolvers)[number], transport: string) =>
    policy.spec.egress.some(
      ({ to, ports }) =>
        ports.some(({ port, protocol }) => port === wanted && protocol === transport) &&
        to.some(({ namespaceSelector, ipBlock }) =>
          [namespaceSelector?.matchLabels?.['kubernetes.io/metadata.name'], ipBlock?.cidr].includes(place),
        ),
    )
  if (!closes(policies, 'Egress')) return []
  return pods(manifests).flatMap(({ owner, template: { metadata } }) => {
    const own = policies.filter((each) => selects(wantedBy(each), metadata.labels))
    return resolvers.flatMap((resolver) =>
      ['UDP', 'TCP']
        .filter((transport) => !own.some((each) => opens(each, resolver, transport)))
        .map((transport) => `${owner} finds no names by ${transport} where DNS is at ${resolver.join(':')}`),
    )
  })
}

const issuer = 'cert-manager.io/cluster-issuer'
const solver = { 'acme.cert-manager.io/http01-solver': 'true' }
const solverPort = 8089

/** Where nothing comes in but what is listed, the proof that a host is ours does (HTTP-01). */
export const certificates: Rule = (manifests) => {
  const policies = ofKind(manifests, 'NetworkPolicy')
  const isClosed = closes(policies, 'Ingress')
  const isAsked = ofKind(manifests, 'Ingress').some(({ manifest }) => manifest.metadata.annotations?.[issuer])
  const isOpen = policies.some(
    (each) =>
      wantedBy(each)['acme.cert-manager.io/http01-solver'] !== undefined &&
      selects(wantedBy(each), solver) &&
      each.spec.ingress.some(
        ({ from, ports }) =>
          ports.some(({ port }) => port === solverPort) &&
          from.some(
            ({ namespaceSelector }) =>
              namespaceSelector?.matchLabels?.['kubernetes.io/metadata.name'] === 'ingress-nginx',
          ),
      ),
  )
  return isClosed && isAsked && !isOpen
    ? [
        `no NetworkPolicy lets the ingress in to cert-manager's pods (port ${solverPort}): no certificate comes`,
      ]
    : []
}

/** Argo CD follows what never moves. */
export const application: Rule = (manifests) =>
  ofKind(manifests, 'Application').flatMap(({ name, spec: { source } }) => [
    ...(/^(v\d+\.\d+\.\d+(-[a-z]+\.\d+)?|[0-9a-f]{40})$/.test(source.targetRevision)
      ? []
      : [
          `Application ${name} follows ${source.targetRevision}, which moves: neither a release's tag nor a commit`,
        ]),
    ...(existsSync(join(root, source.path, 'kustomization.yaml'))
      ? []
      : [`Application ${name} names ${source.path}, where nothing is`]),
    ...imageOf(name, source),
  ])

/**
 * A commit cannot hold its own hash, so the image stands in the Application. Argo CD has `kustomize edit set image` write it:
 * a name that is not among the `images` of that folder is put before them, and finds nothing they lead to.
 */
function imageOf(
  name: string,
  { path, targetRevision, kustomize }: Resource<'Application'>['spec']['source'],
) {
  const [override = '', ...others] = kustomize.images
  const [, from, version, commit] = /^([^=]+)=.+:(.+)-([0-9a-f]{7,40})$/.exec(override) ?? []
  if (from === undefined || version === undefined || others.length > 0 || /^0+$/.test(commit ?? '0'))
    return [
      `Application ${name} sets no image NAME=IMAGE:VERSION-COMMIT of a release, but "${kustomize.images.join()}"`,
    ]
  const file = join(root, path, 'kustomization.yaml')
  const own: { name: string }[] = existsSync(file) ? (parse(readFileSync(file, 'utf8')).images ?? []) : []
  // Else it is that of the overlay below.
  const names = own.length > 0 ? own.map((each) => each.name) : ['ghcr.io/example/parley']
  return [
    ...(names.includes(from)
      ? []
      : [`Application ${name} replaces ${from}, but the name in ${path} is ${names.join()}`]),
    ...(targetRevision.startsWith('v') && targetRevision !== `v${version}`
      ? [`Application ${name} follows ${targetRevision} with an image of ${version}`]
      : []),
  ]
}

const syncOptions = 'argocd.argoproj.io/sync-options'

/** Argo CD removes what its path does not have any more, but never what has everything in it, nor the backups. */
export const kept: Rule = (manifests) =>
  manifests
    .filter(({ kind }) => ['Namespace', 'PersistentVolumeClaim'].includes(kind))
    .flatMap(({ kind, metadata }) => {
      const options = metadata.annotations?.[syncOptions]?.split(',') ?? []
      return ['Prune=false', 'Delete=false']
        .filter((option) => !options.includes(option))
        .map(
          (option) => `${kind} ${metadata.name} may be removed by Argo CD: ${syncOptions} has no ${option}`,
        )
    })

/** Kinds that belong to no namespace. */
const ofCluster = ['Namespace']

/** An installation is one namespace: deleting it deletes all, and no two meet. */
export const oneNamespace: Rule = (manifests) => {
  const spaces = new Set(
    manifests.flatMap(({ kind, metadata }) => (kind === 'Namespace' ? [metadata.name] : [])),
  )
  return manifests
    .filter(({ kind, metadata }) => !ofCluster.includes(kind) && !spaces.has(metadata.namespace ?? ''))
    .map(({ kind, metadata }) => `${kind} ${metadata.name} is not in the namespace of this overlay`)
}
