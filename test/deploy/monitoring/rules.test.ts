import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { dashboards } from '../../../deploy/monitoring/dashboards.ts'
import { monitoringFiles } from '../../../deploy/monitoring/write.ts'
import { runbookOf } from '../../../src/model/alert.ts'
import { createMetrics } from '../../../src/ops/metrics.ts'
import { exported, unknownNames } from '../../support/promql.ts'
import { findProgram } from '../../support/run/next-release.ts'
import { alertCases } from './cases.ts'

const root = join(import.meta.dirname, '../../..')
const monitoring = join(root, 'deploy/monitoring')
const rulesFile = join(monitoring, 'prometheus/rules/parley.yml')

interface Rule {
  alert: string
  expr: string
  for?: string
  labels: { severity: string }
  annotations: { summary: string; description: string; runbook_url: string }
}
const { groups } = parse(readFileSync(rulesFile, 'utf8')) as { groups: { name: string; rules: Rule[] }[] }
const rules = groups.flatMap((group) => group.rules)

const scratch = mkdtempSync(join(tmpdir(), 'parley-rules-'))
afterAll(() => rmSync(scratch, { recursive: true }))

/** Beside the server stands its tool. */
function tool(server: string, name: string, ...args: string[]) {
  const path = findProgram(server, server === 'prometheus' ? 'PROMETHEUS_PATH' : 'ALERTMANAGER_PATH')
  if (path === undefined) throw new Error(`There is no ${server}: run npm test, or install it`)
  const { status, stdout, stderr } = spawnSync(join(dirname(path), name), args, { encoding: 'utf8' })
  return { status, output: `${stdout}${stderr}` }
}

/** Each alert beside nothing but itself: all of them at every moment of every case would take promtool most of a minute. */
function testRules(cases: typeof alertCases, text = readFileSync(rulesFile, 'utf8')) {
  const { groups } = parse(text) as { groups: { name: string; rules: Rule[] }[] }
  const kinds = Object.groupBy(cases, ({ alert, every = '15s' }) => `${alert}-${every}`)
  const paths = Object.entries(kinds).map(([name, those = []]) => {
    const [{ alert, every: interval = '15s' } = { alert: '' }] = those
    const file = join(scratch, `${name}.yml`)
    const own = groups.map((group) => ({
      ...group,
      rules: group.rules.filter((rule) => rule.alert === alert),
    }))
    writeFileSync(file, JSON.stringify({ groups: own.filter(({ rules }) => rules.length > 0) }))
    const query = `count(ALERTS{alertname="${alert}",alertstate="firing"}) or vector(0)`
    const tests = those.flatMap(({ at, fires, silent }) =>
      (
        [
          [fires, 1],
          [silent, 0],
        ] as const
      ).map(([series, value]) => ({
        interval,
        input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
        promql_expr_test: [{ expr: query, eval_time: at, exp_samples: [{ labels: '{}', value }] }],
      })),
    )
    const path = join(scratch, `${name}-tests.yml`)
    writeFileSync(path, JSON.stringify({ rule_files: [file], evaluation_interval: interval, tests }))
    return path
  })
  return tool('prometheus', 'promtool', 'test', 'rules', ...paths)
}

describe('rules of Prometheus', () => {
  test('the configuration and the rules are valid', () => {
    expect(
      tool('prometheus', 'promtool', 'check', 'config', join(monitoring, 'prometheus/prometheus.yml')),
    ).toMatchObject({ status: 0 })
    expect(tool('prometheus', 'promtool', 'check', 'rules', '--lint-fatal', rulesFile)).toMatchObject({
      status: 0,
    })
  })

  test('every alert fires when it should, and is silent when it should not', () => {
    expect(testRules(alertCases)).toMatchObject({ status: 0, output: expect.stringContaining('SUCCESS') })
    expect(new Set(alertCases.map(({ alert }) => alert))).toEqual(new Set(rules.map(({ alert }) => alert)))
  }, 120_000)

  test('a rule that fires too late, or for nothing, is caught', () => {
    const text = readFileSync(rulesFile, 'utf8')
    for (const [right, wrong] of [
      ['(backlog_oldest_seconds) > 60', '(backlog_oldest_seconds) > 6000'],
      ['(backlog_oldest_seconds) > 60', '(backlog_oldest_seconds) > 50'],
    ] as const) {
      const cases = alertCases.filter(({ alert }) => alert === 'ParleyBacklogOld')
      expect(testRules(cases, text.replace(right, wrong)).status).toBe(1)
    }
  })

  test.each(rules)('$alert says what to do, and its runbook is there', ({ alert, labels, annotations }) => {
    expect(['critical', 'warning']).toContain(labels.severity)
    expect(annotations.summary).toMatch(/^[A-Z].*[^.]$/)
    expect(annotations.description.length).toBeGreaterThan(70)
    const [, page = ''] =
      /^\{\{ with \$externalLabels\.runbooks \}\}\{\{ \. \}\}\/\{\{ end \}\}(docs\/runbooks\/[\w-]+\.md)$/.exec(
        annotations.runbook_url,
      ) ?? []
    expect(existsSync(join(root, page))).toBe(true)
    expect(readFileSync(join(root, page), 'utf8')).toContain(`\`${alert}\``)
  })

  test('what the bot tells by itself has the same pages', () => {
    for (const page of Object.values(runbookOf))
      expect([page, existsSync(join(root, `docs/runbooks/${page}.md`))]).toEqual([page, true])
  })
})

describe('names', () => {
  const known = new Map(
    [
      ...createMetrics().definitions,
      { name: 'up', type: 'gauge', labels: [] },
      { name: 'process_start_time_seconds', type: 'gauge', labels: [] },
      { name: 'process_resident_memory_bytes', type: 'gauge', labels: [] },
      { name: 'process_cpu_seconds_total', type: 'counter', labels: [] },
      { name: 'nodejs_eventloop_lag_p99_seconds', type: 'gauge', labels: [] },
    ].flatMap(exported),
  )

  test('every metric and label of rules and dashboards is exported', async () => {
    const standard = await createMetrics().registry.metrics()
    for (const name of known.keys())
      if (/^(process|nodejs)_/.test(name)) expect(standard).toContain(`# TYPE ${name} `)
    const queries = [
      ...rules.map(({ expr }) => expr),
      ...dashboards.flatMap(({ panels }) => panels.flatMap((panel) => panel.queries.map(([expr]) => expr))),
    ]
    expect(queries.length).toBeGreaterThan(70)
    for (const query of queries) expect([query, unknownNames(query, known)]).toEqual([query, []])
  })

  test('what the Prometheus Operator adds to every metric does not take the place of a label of ours', () => {
    const ofOperator = ['container', 'endpoint', 'instance', 'job', 'namespace', 'pod']
    const path = join(root, 'deploy/kubernetes/components/monitoring/pod-monitor.yaml')
    const { spec } = parse(readFileSync(path, 'utf8')) as {
      spec: { podMetricsEndpoints: { honorLabels?: boolean }[] }
    }
    const ours = createMetrics().definitions.flatMap(({ labels }) => labels)
    // With `honorLabels` ours stays, so it may be none by which processes and tenants are told apart.
    expect(new Set(ours.filter((label) => ofOperator.includes(label)))).toEqual(new Set(['endpoint']))
    expect(spec.podMetricsEndpoints.map(({ honorLabels }) => honorLabels)).toEqual([true])
  })

  test.each([
    ['sum(rate(http_request_total[5m]))', { metric: 'http_request_total' }],
    ['sum(rate(http_requests_total{code="5"}[5m]))', { metric: 'http_requests_total', label: 'code' }],
    ['sum by (route) (rate(http_requests_total[5m]))', { label: 'route' }],
    ['backlog_oldest_seconds > 1 and dead_letter > 0', { metric: 'dead_letter' }],
    ['histogram_quantile(0.9, rate(turn_duration_seconds[5m]))', { metric: 'turn_duration_seconds' }],
  ])('%s is caught', (query, unknown) => {
    expect(unknownNames(query, known)).toEqual([unknown])
  })
})

test('what is made of rules and panels is up to date: npm run node -- deploy/monitoring/write.ts', async () => {
  for (const [path, text] of await monitoringFiles()) {
    const there = readFileSync(join(root, 'deploy', path), 'utf8')
    expect(there === text, path).toBe(true)
  }
})

test('Grafana finds its data by the name it is given, and every panel has an id and a place of its own', async () => {
  const provisioned = parse(
    readFileSync(join(monitoring, 'grafana/provisioning/datasources/prometheus.yml'), 'utf8'),
  ) as { datasources: { uid: string }[] }
  for (const [path, text] of await monitoringFiles()) {
    if (!path.endsWith('.json')) continue
    const model = JSON.parse(text) as {
      templating: { list: { name: string; current: { value: string } }[] }
      panels: { id: number; gridPos: object; targets: { refId: string }[] }[]
    }
    expect(model.templating.list[0]?.current.value).toBe(provisioned.datasources[0]?.uid)
    const places = model.panels.map(({ gridPos }) => JSON.stringify(gridPos))
    expect(new Set(places).size).toBe(places.length)
    for (const { targets } of model.panels) expect(targets.every(({ refId }) => refId !== '')).toBe(true)
  }
})

describe('Alertmanager', () => {
  const folder = join(monitoring, 'alertmanager')
  test.each(['alertmanager.yml', 'alertmanager.development.yml'])('%s is valid', (name) => {
    expect(tool('prometheus-alertmanager', 'amtool', 'check-config', join(folder, name))).toMatchObject({
      status: 0,
    })
  })

  test('a fault in it is caught', () => {
    const path = join(scratch, 'alertmanager.yml')
    const text = readFileSync(join(folder, 'alertmanager.yml'), 'utf8').replace(
      'templates: [templates/*.tmpl]',
      '',
    )
    writeFileSync(path, text.replace('receiver: team', 'receiver: teem'))
    expect(tool('prometheus-alertmanager', 'amtool', 'check-config', path).status).toBe(1)
  })

  test('a conflict on Telegram hides no other channel', () => {
    const { inhibit_rules: hiding } = parse(readFileSync(join(folder, 'alertmanager.yml'), 'utf8')) as {
      inhibit_rules: { source_matchers: string[]; target_matchers: string[] }[]
    }
    const rule = hiding.find(({ source_matchers: [source] }) => source?.includes('ParleyTelegramConflict'))
    expect(rule?.target_matchers).toEqual(['alertname="ParleyChannelDown"', 'channel="telegram"'])
  })

  test('what hides another alert names alerts there are, and no secret stands in it', () => {
    const text = readFileSync(join(folder, 'alertmanager.yml'), 'utf8')
    const named = [...text.matchAll(/Parley\w+/g)].map(([name]) => name)
    for (const name of named) expect(rules.map(({ alert }) => alert)).toContain(name)
    expect(text).not.toMatch(/^\s*(smtp_auth_password|credentials|password|api_key):/m)
  })
})
