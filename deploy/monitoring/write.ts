import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parse, stringify } from 'yaml'
import { dashboards } from './dashboards.ts'
import { grafanaModel } from './grafana.ts'

const deploy = join(import.meta.dirname, '..')

/** What is made of the rules and the panels, by path below `deploy`. */
export async function monitoringFiles(): Promise<Map<string, string>> {
  const rules: unknown = parse(await readFile(join(deploy, 'monitoring/prometheus/rules/parley.yml'), 'utf8'))
  return new Map([
    ['kubernetes/components/monitoring/rules.yaml', ruleManifest(rules)],
    ...dashboards.map((dashboard): [string, string] => [
      `monitoring/grafana/dashboards/${dashboard.name}.json`,
      `${JSON.stringify(grafanaModel(dashboard), undefined, 2)}\n`,
    ]),
  ])
}

function ruleManifest(spec: unknown): string {
  const manifest = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'parley', labels: { 'app.kubernetes.io/name': 'parley' } },
    spec,
  }
  const origin = '# Made of deploy/monitoring/prometheus/rules by deploy/monitoring/write.ts.\n'
  return `${origin}${stringify(manifest, { lineWidth: 0 })}`
}

if (import.meta.main)
  for (const [path, text] of await monitoringFiles()) {
    await mkdir(dirname(join(deploy, path)), { recursive: true })
    await writeFile(join(deploy, path), text)
    process.stdout.write(`wrote deploy/${path}\n`)
  }
