import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { checkApplication, checkInstallation } from '../support/kubernetes/check.ts'
import { type Manifest, readManifests } from '../support/kubernetes/manifest.ts'
import { checkSchemas } from '../support/kubernetes/schemas.ts'
import { fakeToken } from '../fakes/telegram/telegram.ts'
import { render } from '../support/kustomize.ts'

const kubernetes = join(import.meta.dirname, '../../deploy/kubernetes')
const overlays: Record<string, Manifest[]> = {}

beforeAll(async () => {
  for (const name of ['single', 'scaled', 'staging'])
    overlays[name] = readManifests(await render(join(kubernetes, 'overlays', name)))
})

/** `Kind name`, a path in its manifest, and what is there instead (`undefined`: nothing). */
type Change = readonly [resource: string, path: string, value: unknown]

function changed(from: readonly Manifest[], [resource, path, value]: Change): Manifest[] {
  const manifests = structuredClone([...from])
  const [kind, wanted = ''] = resource.split(' ')
  const manifest = manifests.find(
    // Those made of files have the hash of their content behind the name.
    (each) => each.kind === kind && each.metadata.name.replace(/(parley-\w+)-[a-z0-9]{10}$/, '$1') === wanted,
  )
  const keys = path.split('.')
  const last = keys.pop() ?? ''
  const parent = keys.reduce((at: unknown, key) => Object(at)[key], manifest)
  if (typeof parent !== 'object' || parent === null) throw new Error(`${resource} has no ${path}`)
  if (value === undefined) Reflect.deleteProperty(parent, last)
  else Reflect.set(parent, last, value)
  return manifests
}

const pod = 'spec.template.spec'
const first = `${pod}.containers.0`
const api = 'Deployment parley-api'
const worker = 'Deployment parley-worker'
const poller = 'Deployment parley-poller'
const cron = 'spec.jobTemplate.spec.template.spec'
const syncOptions = 'argocd.argoproj.io/sync-options'

type Fault = [what: string, change: Change, finding: RegExp]

const faults: Fault[] = [
  [
    'latest',
    [api, `${first}.image`, 'ghcr.io/example/parley:latest'],
    /parley:latest" is not version-commit/,
  ],
  ['no tag', [api, `${first}.image`, 'ghcr.io/example/parley'], /is not version-commit/],
  ['a version without its commit', [worker, `${first}.image`, 'parley:0.1.0'], /is not version-commit/],
  ['a tag of the init container', [api, `${pod}.initContainers.0.image`, 'parley:main'], /migrate: the tag/],
  ['root', [api, `${pod}.securityContext.runAsNonRoot`, false], /may run as root/],
  ['user 0', [api, `${pod}.securityContext.runAsUser`, 0], /may run as root/],
  ['root in a container', [api, `${first}.securityContext.runAsUser`, 0], /runs as root/],
  [
    'a container that may be root',
    [worker, `${first}.securityContext.runAsNonRoot`, false],
    /container parley may run as root/,
  ],
  ['no user', [api, `${pod}.securityContext.runAsUser`, undefined], /names no user/],
  ['no seccomp', [worker, `${pod}.securityContext.seccompProfile`, undefined], /no seccomp profile/],
  [
    'no seccomp in a container',
    [worker, `${first}.securityContext.seccompProfile`, { type: 'Unconfined' }],
    /another seccomp profile/,
  ],
  ['a token of the cluster', [api, `${pod}.automountServiceAccountToken`, undefined], /token of the cluster/],
  ['the network of the node', [api, `${pod}.hostNetwork`, true], /shares the node/],
  ['a path of the node', [api, `${pod}.volumes.0`, { name: 'config', hostPath: { path: '/' } }], /hostPath/],
  ['more rights', [api, `${first}.securityContext.allowPrivilegeEscalation`, undefined], /may gain rights/],
  ['privileged', [api, `${first}.securityContext.privileged`, true], /is privileged/],
  ['a root to write', [api, `${first}.securityContext.readOnlyRootFilesystem`, false], /may write its root/],
  ['capabilities', [api, `${first}.securityContext.capabilities`, { drop: [] }], /keeps capabilities/],
  [
    'one capability more',
    [api, `${first}.securityContext.capabilities.add`, ['NET_ADMIN']],
    /keeps capabilities/,
  ],
  ...['DaemonSet', 'Job', 'Pod', 'ReplicaSet', 'Rollout'].map(
    (kind): Fault => [
      `pods of a ${kind}`,
      [api, 'kind', kind],
      new RegExp(`${kind} parley-api is of a kind that no rule knows`),
    ],
  ),
  [
    'rights of the backup',
    ['CronJob parley-backup', `${cron}.containers.0.securityContext`, {}],
    /CronJob parley-backup, container backup may gain/,
  ],
  ['no limit', [worker, `${first}.resources.limits.memory`, undefined], /no limits\.memory/],
  ['no request', [worker, `${first}.resources.requests.cpu`, undefined], /no requests\.cpu/],
  [
    'no room for the init container',
    [worker, `${pod}.initContainers.0.resources`, {}],
    /migrate has no requests\.cpu/,
  ],
  ['no readiness', [api, `${first}.readinessProbe`, undefined], /no readinessProbe/],
  [
    'a probe that calls a program',
    [api, `${first}.livenessProbe`, { exec: { command: ['curl'] } }],
    /no livenessProbe by HTTP/,
  ],
  [
    'liveness that asks for the database',
    [api, `${first}.livenessProbe.httpGet.path`, '/health'],
    /asks \/health, not \/livez/,
  ],
  ['a probe of another port', [api, `${first}.startupProbe.httpGet.port`, 8080], /asks port 8080/],
  ['two pollers', [poller, 'spec.replicas', 2], /there are 2 pollers/],
  ['no poller', [poller, 'spec.replicas', 0], /there are 0 pollers/],
  ['a second poller by its role', [worker, `${first}.args`, ['start']], /there are 6 pollers/],
  ['a poller that overlaps', [poller, 'spec.strategy.type', 'RollingUpdate'], /second poller before/],
  [
    'a scaled poller',
    ['HorizontalPodAutoscaler parley-worker', 'spec.scaleTargetRef.name', 'parley-poller'],
    /more pollers than one/,
  ],
  ['five minutes on a dead node', [poller, `${pod}.tolerations`, undefined], /stays on a dead node/],
  ['a dead node', [poller, `${pod}.tolerations.1.tolerationSeconds`, undefined], /dead node .*unreachable/],
  [
    'killed before it has finished',
    [api, `${pod}.terminationGracePeriodSeconds`, 10],
    /killed before it has finished/,
  ],
  ['a roll with a gap', [api, 'spec.strategy.rollingUpdate.maxUnavailable', 1], /fewer than it should/],
  [
    'a selector that is not its own',
    [api, 'spec.selector.matchLabels', { app: 'x' }],
    /does not select its own pods/,
  ],
  [
    'a selector too wide',
    [api, 'spec.selector.matchLabels', { 'app.kubernetes.io/name': 'parley' }],
    /also selects the pods of Deployment parley-worker/,
  ],
  [
    'a service of nobody',
    ['Service parley', 'spec.selector', { app: 'x' }],
    /Service parley selects no pods/,
  ],
  [
    'a service to a port that is not there',
    ['Service parley', 'spec.ports.0.targetPort', 3000],
    /port 3000, which/,
  ],
  [
    'a configuration that is not there',
    [api, `${pod}.volumes.0.configMap.name`, 'other'],
    /needs ConfigMap other/,
  ],
  ['a secret that is not there', [api, `${pod}.volumes.1.secret.secretName`, 'other'], /needs Secret other/],
  [
    'an environment that is not there',
    [api, `${first}.envFrom.0.configMapRef.name`, 'other'],
    /needs ConfigMap other/,
  ],
  ['a mount of nothing', [api, `${first}.volumeMounts.0.name`, 'other'], /no volume of its pod/],
  [
    'a scaler of nothing',
    ['HorizontalPodAutoscaler parley-worker', 'spec.scaleTargetRef.name', 'other'],
    /which is not there/,
  ],
  ['a beginning out of bounds', [worker, 'spec.replicas', 11], /out of its bounds/],
  [
    'a budget that stops all',
    ['PodDisruptionBudget parley-api', 'spec.maxUnavailable', 0],
    /no node be emptied/,
  ],
  [
    'a budget above the least',
    [
      'PodDisruptionBudget parley-worker',
      'spec',
      { minAvailable: 3, selector: { matchLabels: { 'app.kubernetes.io/component': 'worker' } } },
    ],
    /no node be emptied: 3 pods/,
  ],
  ['a budget of nothing', ['PodDisruptionBudget parley-api', 'spec.maxUnavailable', 3], /protects nothing/],
  [
    'a budget of nobody',
    ['PodDisruptionBudget parley-api', 'spec.selector.matchLabels', { app: 'x' }],
    /speaks of 0 workloads/,
  ],
  ['a host without TLS', ['Ingress parley', 'spec.tls', []], /no TLS for parley\.example\.com/],
  ['a socket cut after a minute', ['Ingress parley', 'metadata.annotations', {}], /cuts the chat's socket/],
  [
    'an entrance to nowhere',
    ['Ingress parley', 'spec.rules.0.http.paths.0.backend.service.name', 'x'],
    /leads \/ to Service x/,
  ],
  [
    'an entrance to no port',
    ['Ingress parley', 'spec.rules.0.http.paths.0.backend.service.port.name', 'x'],
    /port x, which parley lacks/,
  ],
  [
    'metrics for the public',
    ['Ingress parley', 'spec.rules.0.http.paths.1.path', '/other'],
    /shows \/metrics/,
  ],
  [
    'a namespace that Argo CD prunes',
    ['Namespace parley', 'metadata.annotations', {}],
    /Namespace parley may be removed by Argo CD: .* no Prune=false/,
  ],
  [
    'backups that go with their Application',
    ['PersistentVolumeClaim parley-backups', 'metadata.annotations', { [syncOptions]: 'Prune=false' }],
    /PersistentVolumeClaim parley-backups may be removed by Argo CD: .* no Delete=false/,
  ],
  ['another namespace', [api, 'metadata.namespace', 'default'], /not in the namespace/],
  ['a command that is not there', [api, `${first}.args`, ['serve']], /no command "serve"/],
  [
    'an option that is not there',
    [api, `${first}.args`, ['start', '--roll', 'api']],
    /start has no option --roll/,
  ],
  [
    'an option of a subcommand',
    [api, `${pod}.initContainers.0.args`, ['migrate', 'up', '--yes']],
    /up has no option --yes/,
  ],
  ['past the command of the image', [api, `${first}.command`, ['node']], /goes past the image's own command/],
  ['a role that is not there', [api, `${first}.args`, ['start', '--role', 'web']], /role .*web/],
  [
    'a setting that is not there',
    ['ConfigMap parley-environment', 'data.DATABASE_POOLMAX', '3'],
    /DATABASE_POOLMAX is no setting/,
  ],
  [
    'a secret in the open',
    ['ConfigMap parley-environment', 'data.SECRET_KEY', 'x'],
    /SECRET_KEY stands in the open/,
  ],
  [
    'a secret by environment',
    [api, `${first}.envFrom.0`, { secretRef: { name: 'parley' } }],
    /secrets are files/,
  ],
  [
    'a value in a container',
    [api, `${first}.env`, [{ name: 'OPENAI_API_KEY', value: 'x' }]],
    /OPENAI_API_KEY stands in the open/,
  ],
  ['a secret among the manifests', ['Service parley', 'kind', 'Secret'], /Secret parley is in the manifests/],
  [
    'a token in a configuration',
    ['ConfigMap parley-config', 'data', { 'parley.yaml': `# ${fakeToken}` }],
    /looks like a secret/,
  ],
  [
    'a password in an address',
    ['ConfigMap parley-environment', 'data.OPENAI_BASE_URL', 'https://a:b@c.example'],
    /looks like a secret/,
  ],
  [
    'a bot that does not load',
    ['ConfigMap parley-config', 'data', { 'parley.yaml': 'bot: { nam: X }' }],
    /bot\.nam/,
  ],
  [
    'a file of the bot that is missing',
    ['ConfigMap parley-config', 'data', { 'parley.yaml': 'bot: { name: X, faq: faq.yaml }' }],
    /faq\.yaml/,
  ],
  [
    'a worker without its database',
    ['ConfigMap parley-environment', 'data.DATABASE_URL_FILE', undefined],
    /without DATABASE_URL/,
  ],
  [
    'a secret from where none is mounted',
    ['ConfigMap parley-environment', 'data.SECRET_KEY_FILE', '/etc/key'],
    /unreadable/,
  ],
  [
    'a listener nobody reaches safely',
    ['ConfigMap parley-environment', 'data.TRUST_PROXY', undefined],
    /plain HTTP/,
  ],
]

describe('a seeded fault is caught:', () => {
  test.each(faults)('%s', async (_, change, finding) => {
    expect((await checkInstallation(changed(overlays['scaled'] ?? [], change))).join('\n')).toMatch(finding)
  })

  const single: Fault[] = [
    ['a second embedded database', ['StatefulSet parley', 'spec.replicas', 2], /there are 2 pollers/],
    [
      'a volume of nobody',
      ['CronJob parley-backup', `${cron}.volumes.0.persistentVolumeClaim.claimName`, 'x'],
      /needs PersistentVolumeClaim x/,
    ],
  ]
  test.each(single)('%s', async (_, change, finding) => {
    expect((await checkInstallation(changed(overlays['single'] ?? [], change))).join('\n')).toMatch(finding)
  })

  test.each([
    ['no way in', 'spec.ingress', []],
    ['another port', 'spec.ingress.0.ports.0.port', 8000],
    ['from elsewhere', 'spec.ingress.0.from.0.namespaceSelector.matchLabels', { a: 'b' }],
    ['to other pods', 'spec.podSelector.matchLabels', { 'app.kubernetes.io/name': 'parley' }],
  ])('a certificate that cannot be proven: %s', async (_, path, value) => {
    const before = overlays['staging'] ?? []
    const after = changed(before, ['NetworkPolicy certificate-proofs', path, value])
    expect((await checkInstallation(after)).join('\n')).toMatch(/no certificate comes/)
  })

  test.each<[what: string, path: string, value: unknown]>([
    ['no way out', 'spec.egress', []],
    ['only in pods', 'spec.egress.0.to.1.ipBlock.cidr', '169.254.20.11/32'],
    ['at another port', 'spec.egress.1.ports.0.port', 53],
    ['long answers not', 'spec.egress.0.ports.1.protocol', 'UDP'],
    ['of other pods', 'spec.podSelector.matchLabels', { 'app.kubernetes.io/name': 'whisper' }],
  ])('names that are not found: %s', async (_, path, value) => {
    const after = changed(overlays['staging'] ?? [], ['NetworkPolicy names-resolved', path, value])
    expect((await checkInstallation(after)).join('\n')).toMatch(
      /^Deployment parley-api finds no names by (UDP|TCP) where DNS is at /m,
    )
  })

  const imageOf = (images: string[], targetRevision = 'v0.1.0') => {
    const source = { targetRevision, path: 'deploy/kubernetes/overlays/scaled', kustomize: { images } }
    const manifest = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata: { name: 'a' } }
    return checkApplication([{ ...manifest, spec: { source } }]).join()
  }
  test('an Application without an image, with one that was never built, or with one that replaces nothing', () => {
    expect(imageOf(['parley=ghcr.io/acme/parley:0.1.0-0a1b2c3'])).toBe('')
    for (const images of [
      [],
      ['parley=ghcr.io/acme/parley:0.1.0-0000000'],
      ['parley=ghcr.io/acme/parley:main'],
    ])
      expect(imageOf(images)).toMatch(/sets no image/)
    expect(imageOf(['other=ghcr.io/acme/parley:0.1.0-0a1b2c3'])).toMatch(
      /replaces other, but .*scaled is parley/,
    )
    expect(imageOf(['parley=ghcr.io/acme/parley:0.1.0-0a1b2c3'], 'v0.2.0')).toMatch(
      /with an image of 0\.1\.0/,
    )
  })

  test.each([['HEAD'], ['main'], ['0.1.x'], ['v1']])('an Application that follows %s', (targetRevision) => {
    const source = { targetRevision, path: 'deploy/kubernetes/overlays/scaled' }
    const manifest = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name: 'a' },
      spec: { source },
    }
    expect(checkApplication([manifest]).join('\n')).toMatch(/which moves/)
    expect(
      checkApplication([{ ...manifest, spec: { source: { targetRevision: 'v1.0.0', path: 'x' } } }]).join(),
    ).toMatch(/where nothing is/)
  })
})

describe('the schemas find:', () => {
  const schemaFaults: Fault[] = [
    ['an unknown field', [api, 'spec.replica', 3], /'"replica"' does not exist/],
    [
      'an unknown field deep down',
      [api, `${first}.readinessProbe.httpGet.pth`, '/'],
      /'"pth"' does not exist/,
    ],
    ['a field that is missing', [api, 'spec.selector', undefined], /selector.*is missing/],
    ['a text for a number', [api, 'spec.replicas', '3'], /'string' is not assignable to type 'number'/],
    ['a word that is none of those allowed', [api, `${first}.imagePullPolicy`, 'Allways'], /Allways/],
    ['half a port', ['Service parley', 'spec.ports.0.port', 80.5], /integer/],
    ['a kind that is not there', [api, 'kind', 'Deploiment'], /IDeploiment/],
    ['a version that is not there', [api, 'apiVersion', 'apps/v9'], /apps\/v9/],
    [
      'an autoscaler of the old form',
      ['HorizontalPodAutoscaler parley-worker', 'spec.targetCPUUtilizationPercentage', 70],
      /targetCPUUtilizationPercentage/,
    ],
    [
      'the old form of an Ingress',
      ['Ingress parley', 'spec.rules.0.http.paths.0.backend.serviceName', 'x'],
      /serviceName/,
    ],
    [
      'a field of the Pod in the wrong place',
      ['CronJob parley-backup', 'spec.restartPolicy', 'Never'],
      /restartPolicy/,
    ],
  ]

  test('each of them', async () => {
    const manifests = schemaFaults.map(([, change]) => {
      const after = changed(overlays['scaled'] ?? [], change)
      const before = overlays['scaled'] ?? []
      const [found] = after.filter((each, index) => JSON.stringify(each) !== JSON.stringify(before[index]))
      if (!found) throw new Error(`${change.join(' ')} changed nothing`)
      return found
    })
    const findings = await checkSchemas(manifests)
    for (const [index, [what, , finding]] of schemaFaults.entries())
      expect([what, (findings.get(index) ?? []).join('\n')]).toEqual([what, expect.stringMatching(finding)])
  })
})
