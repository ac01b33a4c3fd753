import { createHash } from 'node:crypto'
import { stringify } from 'yaml'
import { renderStarterFaq } from '../init/starter-faq.ts'
import { renderConfiguration } from '../init/template.ts'
import { spelled } from '../spelling.ts'

export const layouts = ['single', 'scaled'] as const

export interface Tenant {
  name: string
  namespace: string
  host: string
  /** What the bot is called. */
  bot: string
  /** `single`: one process and the embedded database; `scaled`: many over PostgreSQL and Redis. */
  layout: (typeof layouts)[number]
  /** Without its tag. */
  image: string
  tag: string
  /** Where the manifests of Parley are, from the tenant's folder. */
  manifests: string
}

const languages = ['en', 'ru'] as const
const persona = 'You are a helpful, friendly assistant. Answer briefly. Say so when you do not know.'

/** The files of a tenant, by name. */
export function tenantFiles(tenant: Tenant): ReadonlyMap<string, string> {
  return new Map([
    ['kustomization.yaml', kustomization(tenant)],
    ['parley.yaml', bot(tenant)],
    ['faq.yaml', renderStarterFaq([...languages])],
    ['secret.example.env', secrets(tenant)],
    ['.gitignore', 'secret.env\n'],
  ])
}

function bot({ bot: name, layout, namespace }: Tenant): string {
  const own = renderConfiguration({ name, persona, languages: [...languages] })
  // Tenants may share a Redis.
  return layout === 'scaled' ? `${own}\n${stringify({ redis: { prefix: prefixOf(namespace) } })}` : own
}

/** As many characters as `redis.prefix` takes. */
const longestPrefix = 40

/** Where the whole does not fit, its hash tells those apart that begin alike. */
function prefixOf(namespace: string): string {
  if (namespace.length <= longestPrefix) return namespace
  const hash = createHash('sha256').update(namespace).digest('hex').slice(0, 8)
  return `${namespace.slice(0, longestPrefix - hash.length - 1)}-${hash}`
}

const kustomization = ({ name, namespace, host, layout, image, tag, manifests }: Tenant): string =>
  `${spelled(`# The tenant ${name}, as \`parley tenant new ${name}\` wrote it. Look at it with: kubectl kustomize .`)}
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: ${namespace}
resources:
  - ${manifests}/overlays/${layout}
# Components you want, as in: [${manifests}/components/network-policy, ${manifests}/components/monitoring]
components: []
# The version that runs. Never a tag that moves.
images:
  - name: ghcr.io/example/parley
    newName: ${image}
    newTag: ${tag}
configMapGenerator:
  - name: parley-config
    behavior: replace
    files:
      - parley.yaml
      - faq.yaml
  - name: parley-environment
    behavior: merge
    literals:
      - LOG_LEVEL=info
      # Each secret you add is named here too:
      # - TELEGRAM_BOT_TOKEN_FILE=/run/secrets/parley/TELEGRAM_BOT_TOKEN
      # - ANTHROPIC_API_KEY_FILE=/run/secrets/parley/ANTHROPIC_API_KEY
      # With a webhook, also TELEGRAM_WEBHOOK_SECRET_FILE=/run/secrets/parley/TELEGRAM_WEBHOOK_SECRET and:
      # - TELEGRAM_WEBHOOK_URL=https://${host}
patches:
  - target:
      kind: Ingress
      name: parley
    patch: |-
      - { op: replace, path: /spec/rules/0/host, value: ${host} }
      - { op: replace, path: /spec/tls/0/hosts/0, value: ${host} }
`

const secrets = ({ namespace, layout }: Tenant): string =>
  `# Copy to secret.env (git ignores it), fill in, and make the Secret:
#   kubectl create secret generic parley -n ${namespace} --from-env-file secret.env
# An empty secret is refused at the start: delete lines you do not need. Those below the first ${layout === 'scaled' ? 'three ' : ''}are also named in
# kustomization.yaml. A changed key of a model is taken over within two minutes, without a restart.

# openssl rand -base64 48
SECRET_KEY=
${layout === 'scaled' ? scaledSecrets : ''}TELEGRAM_BOT_TOKEN=
ANTHROPIC_API_KEY=
`

const scaledSecrets = `# A database of its own: postgres://USER:PASSWORD@HOST:5432/NAME?sslmode=verify-full
DATABASE_URL=
# rediss://:PASSWORD@HOST:6379
REDIS_URL=
`
