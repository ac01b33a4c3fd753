import { Command, InvalidArgumentError, Option } from 'commander'
import { readVersion } from '../ops/version.ts'
import { manifestsFor } from './tenant/manifests.ts'
import { layouts, tenantFiles, type Tenant } from './tenant/template.ts'
import { writeTenant } from './tenant/write.ts'
import { print, printJson, printTable } from './terminal.ts'

interface Options {
  host: string
  bot?: string
  layout: Tenant['layout']
  image: string
  folder?: string
  json?: boolean
}

export function tenantCommand(): Command {
  const command = new Command('tenant').description(
    'Bots beside each other on one Kubernetes: each has a namespace, a host and secrets of its own.',
  )
  const added = new Command('new')
    .summary("write a new tenant's folder for kubectl and Argo CD")
    .description(
      "Writes a new tenant's folder: a kustomization, the bot, and an example of its secrets.\n" +
        'Inside of the checkout it refers to deploy/kubernetes; elsewhere the manifests of this version are copied beside it.',
    )
    .argument('<name>', 'what it is called: a-z, 0-9 and -; its namespace is parley-NAME', parseName)
    .requiredOption('--host <host>', 'the name its pages and webhook have, as chat.example.com', parseHost)
    .option('--bot <name>', 'what the bot is called')
    .addOption(new Option('--layout <name>', 'how it runs').choices(layouts).default('single'))
    .option('--image <name>', 'the image, without a tag', parseImage, 'ghcr.io/example/parley')
    .option('--folder <path>', 'where to write (default: deploy/kubernetes/tenants, or here)')
    .option('--json', 'for machines')
    .action(create)
  return command.addCommand(added)
}

function create(name: string, { folder, json, ...given }: Options): void {
  const { version, commit } = readVersion()
  const manifests = manifestsFor(name, version, folder)
  const tenant: Tenant = {
    ...given,
    name,
    namespace: `parley-${name}`,
    bot: given.bot ?? name,
    // As the images of a release are tagged.
    tag: `${version}-${commit === 'unknown' ? '0000000' : commit.slice(0, 12)}`,
    manifests: manifests.relative,
  }
  const written = writeTenant(manifests, tenantFiles(tenant))
  if (json) return printJson({ namespace: tenant.namespace, folder: manifests.tenant, written })
  for (const path of written) print(`wrote ${path}`)
  printNext(tenant, manifests.tenant)
}

function printNext({ namespace, host, tag, image }: Tenant, folder: string): void {
  print('\nNext:')
  printTable([
    ['1', `edit ${folder}/parley.yaml and faq.yaml: who the bot is and what it knows`],
    ['2', `cp ${folder}/secret.example.env ${folder}/secret.env, and fill it in (git ignores it)`],
    ['3', `kubectl create namespace ${namespace}`],
    ['4', `kubectl create secret generic parley -n ${namespace} --from-env-file ${folder}/secret.env`],
    ['5', `kubectl apply -k ${folder}`],
    ['6', `lead ${host} to the Ingress of the cluster (DNS)`],
  ])
  print(`\nIt will run ${image}:${tag}; another version is named under images in kustomization.yaml.`)
}

/** With `parley-` in front it is a namespace: a label of DNS (RFC 1123), 63 characters. */
function parseName(value: string): string {
  if (/^[a-z0-9]([a-z0-9-]{0,54}[a-z0-9])?$/.test(value)) return value
  throw new InvalidArgumentError('Expected 1 to 56 of a-z, 0-9 and -, with neither end a -.')
}

function parseHost(value: string): string {
  const label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?'
  if (value.length <= 253 && new RegExp(`^(${label}\\.)+${label}$`).test(value)) return value
  throw new InvalidArgumentError('Expected the name of a host in small letters, as chat.example.com.')
}

function parseImage(value: string): string {
  if (/^[a-z0-9][\w.-]*(:\d+)?(\/[a-z0-9][a-z0-9._-]*)*$/.test(value)) return value
  throw new InvalidArgumentError('Expected the name of an image without its tag, as ghcr.io/acme/parley.')
}
