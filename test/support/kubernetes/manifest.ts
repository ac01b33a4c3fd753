import { parseAllDocuments } from 'yaml'
import { z } from 'zod'

const labels = z.record(z.string(), z.string())
const selector = z.looseObject({ matchLabels: labels.optional() })
const port = z.union([z.number(), z.string()])
const quantities = z.record(z.string(), z.union([z.number(), z.string()]))
const probe = z.looseObject({ httpGet: z.looseObject({ path: z.string(), port }).optional() })

const seccompProfile = z.looseObject({ type: z.string() })

const container = z.looseObject({
  name: z.string(),
  image: z.string().default(''),
  command: z.array(z.string()).optional(),
  args: z.array(z.string()).default([]),
  env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })).default([]),
  envFrom: z
    .array(
      z.looseObject({
        configMapRef: z.looseObject({ name: z.string() }).optional(),
        secretRef: z.looseObject({ name: z.string() }).optional(),
      }),
    )
    .default([]),
  ports: z.array(z.looseObject({ name: z.string().optional(), containerPort: z.number() })).default([]),
  startupProbe: probe.optional(),
  livenessProbe: probe.optional(),
  readinessProbe: probe.optional(),
  resources: z
    .looseObject({ requests: quantities.default({}), limits: quantities.default({}) })
    .default({ requests: {}, limits: {} }),
  securityContext: z
    .looseObject({
      allowPrivilegeEscalation: z.boolean().optional(),
      privileged: z.boolean().optional(),
      readOnlyRootFilesystem: z.boolean().optional(),
      runAsNonRoot: z.boolean().optional(),
      runAsUser: z.number().optional(),
      seccompProfile: seccompProfile.optional(),
      capabilities: z
        .looseObject({ add: z.array(z.string()), drop: z.array(z.string()) })
        .partial()
        .optional(),
    })
    .default({}),
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })).default([]),
})
export type Container = z.infer<typeof container>

const podSpec = z.looseObject({
  containers: z.array(container),
  initContainers: z.array(container).default([]),
  automountServiceAccountToken: z.boolean().optional(),
  terminationGracePeriodSeconds: z.number().default(30),
  tolerations: z
    .array(z.looseObject({ key: z.string().optional(), tolerationSeconds: z.number().optional() }))
    .default([]),
  hostNetwork: z.boolean().optional(),
  hostPID: z.boolean().optional(),
  hostIPC: z.boolean().optional(),
  securityContext: z
    .looseObject({
      runAsNonRoot: z.boolean().optional(),
      runAsUser: z.number().optional(),
      seccompProfile: seccompProfile.optional(),
    })
    .default({}),
  volumes: z
    .array(
      z.looseObject({
        name: z.string(),
        configMap: z.looseObject({ name: z.string() }).optional(),
        secret: z.looseObject({ secretName: z.string() }).optional(),
        persistentVolumeClaim: z.looseObject({ claimName: z.string() }).optional(),
        hostPath: z.unknown().optional(),
      }),
    )
    .default([]),
})

const template = z.looseObject({ metadata: z.looseObject({ labels }), spec: podSpec })
export type PodTemplate = z.infer<typeof template>

const workloadSpec = z.looseObject({
  replicas: z.number().default(1),
  selector,
  template,
  strategy: z
    .looseObject({
      type: z.string(),
      rollingUpdate: z.looseObject({ maxUnavailable: port }).partial().optional(),
    })
    .optional(),
  volumeClaimTemplates: z.array(z.looseObject({ metadata: z.looseObject({ name: z.string() }) })).default([]),
})

const backend = z.looseObject({
  service: z.looseObject({ name: z.string(), port: z.looseObject({ name: z.string() }) }),
})

/** What the rules look at, by kind; a manifest may have more, which the schemas of Kubernetes judge. */
const specs = {
  Deployment: workloadSpec,
  StatefulSet: workloadSpec,
  CronJob: z.looseObject({ jobTemplate: z.looseObject({ spec: z.looseObject({ template }) }) }),
  Service: z.looseObject({
    selector: labels.optional(),
    ports: z.array(z.looseObject({ name: z.string(), port: z.number(), targetPort: port.optional() })),
  }),
  Ingress: z.looseObject({
    tls: z.array(z.looseObject({ hosts: z.array(z.string()) })).default([]),
    rules: z.array(
      z.looseObject({
        host: z.string(),
        http: z.looseObject({
          paths: z.array(z.looseObject({ path: z.string(), pathType: z.string(), backend })),
        }),
      }),
    ),
  }),
  HorizontalPodAutoscaler: z.looseObject({
    scaleTargetRef: z.looseObject({ kind: z.string(), name: z.string() }),
    minReplicas: z.number(),
    maxReplicas: z.number(),
  }),
  PodDisruptionBudget: z.looseObject({
    selector,
    minAvailable: z.number().optional(),
    maxUnavailable: z.number().optional(),
  }),
  NetworkPolicy: z.looseObject({
    podSelector: selector,
    policyTypes: z.array(z.string()),
    egress: z
      .array(
        z.looseObject({
          to: z
            .array(
              z.looseObject({
                namespaceSelector: selector.optional(),
                ipBlock: z.looseObject({ cidr: z.string() }).optional(),
              }),
            )
            .default([]),
          ports: z.array(z.looseObject({ port, protocol: z.string().default('TCP') })).default([]),
        }),
      )
      .default([]),
    ingress: z
      .array(
        z.looseObject({
          from: z.array(z.looseObject({ namespaceSelector: selector.optional() })).default([]),
          ports: z.array(z.looseObject({ port })).default([]),
        }),
      )
      .default([]),
  }),
  Application: z.looseObject({
    source: z.looseObject({
      targetRevision: z.string(),
      path: z.string(),
      kustomize: z.looseObject({ images: z.array(z.string()).default([]) }).default({ images: [] }),
    }),
  }),
} as const
type Kind = keyof typeof specs
type SpecOf<K extends Kind> = z.infer<(typeof specs)[K]>

const head = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: labels.optional(),
    annotations: labels.optional(),
  }),
  data: labels.optional(),
  stringData: labels.optional(),
  spec: z.unknown().optional(),
})
/** A document as it was rendered. */
export type Manifest = z.infer<typeof head>

/** The documents of a rendered overlay. Throws on what is no manifest. */
export function readManifests(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => {
    for (const error of document.errors) throw error
    const value: unknown = document.toJS()
    return head.parse(value)
  })
}

/** A manifest of a kind, with its spec read. */
export interface Resource<K extends Kind> {
  kind: K
  name: string
  manifest: Manifest
  spec: SpecOf<K>
}

export function ofKind<K extends Kind>(manifests: readonly Manifest[], kind: K): Resource<K>[] {
  return manifests
    .filter((manifest) => manifest.kind === kind)
    .map((manifest) => {
      const schema: z.ZodType<SpecOf<K>> = specs[kind] as never
      return { kind, name: manifest.metadata.name, manifest, spec: schema.parse(manifest.spec) }
    })
}

/** What keeps pods running. */
export type Workload = Resource<'Deployment'> | Resource<'StatefulSet'>
export const workloads = (manifests: readonly Manifest[]): Workload[] => [
  ...ofKind(manifests, 'Deployment'),
  ...ofKind(manifests, 'StatefulSet'),
]

export interface Pods {
  /** `Deployment parley-api` */
  owner: string
  template: PodTemplate
  /** They run until they are stopped. */
  lasting: boolean
}

/** Every kind of pod that the manifests make. */
export function pods(manifests: readonly Manifest[]): Pods[] {
  const lasting = workloads(manifests).map(({ kind, name, spec }) => ({
    owner: `${kind} ${name}`,
    template: spec.template,
    lasting: true,
  }))
  const jobs = ofKind(manifests, 'CronJob').map(({ name, spec }) => ({
    owner: `CronJob ${name}`,
    template: spec.jobTemplate.spec.template,
    lasting: false,
  }))
  return [...lasting, ...jobs]
}

/** Those of Parley itself. */
export const isParley = ({ template: { metadata } }: Pods): boolean =>
  metadata.labels['app.kubernetes.io/name'] === 'parley'

export const allContainers = ({ template: { spec } }: Pods): Container[] => [
  ...spec.initContainers,
  ...spec.containers,
]

/** Whether a selector of labels finds what carries these. */
export const selects = (wanted: Record<string, string>, carried: Record<string, string>): boolean =>
  Object.entries(wanted).every(([name, value]) => carried[name] === value)

/** A rule of `deploy/kubernetes`: what is wrong with the manifests of one overlay, a line each. */
export type Rule = (manifests: readonly Manifest[]) => string[]
