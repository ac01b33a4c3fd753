/** Series of Prometheus, and their values at each look as `promtool test rules` writes them. */
type Series = Record<string, string>

export interface AlertCase {
  alert: string
  /** When it is looked. */
  at: string
  /** How often it is looked; each quarter of a minute where nothing is said. */
  every?: string
  fires: Series
  silent: Series
}

const up = (values: string): Series => ({ 'up{job="acme/parley",namespace="acme",instance="a"}': values })
const info = (role: string, version = '1', values = '1x40', namespace = 'acme'): Series => ({
  [`parley_info{namespace="${namespace}",role="${role}",version="${version}",commit="c",instance="${role}${version}"}`]:
    values,
})
/** When a process started, of which `up` may know nothing. */
const started = (values: string): Series => ({
  'process_start_time_seconds{job="parley",instance="a"}': values,
})
const telegram = (values: string): Series => ({ 'channel_up{channel="telegram"}': values })
const same = (name: string, at: string, fires: string, silent: string): Omit<AlertCase, 'alert'> => ({
  at,
  fires: { [name]: fires },
  silent: { [name]: silent },
})

/** The age of a backup that is none; `Infx9` is no notation. */
const never = (looks: number): string => Array(looks).fill('Inf').join(' ')

/** A certificate that ends so many days after the first look, and was good for so many in all. */
const certificate = (left: number, days: number): Series => {
  const series = (name: string): string =>
    `tls_certificate_${name}_timestamp_seconds{host="chat.acme.com",namespace="acme"}`
  const at = (day: number): string => `${Math.round(day * 86_400)}x120`
  return { [series('not_after')]: at(left), [series('not_before')]: at(left - days) }
}

const longAgo = '-86400'

/** A counter of a process that runs since yesterday, or as is said. */
const counter =
  (name: string) =>
  (values: string, start = `${longAgo}x400`): Series => ({ [name]: values, ...started(start) })
const errors = counter('errors_total{area="turn",instance="a"}')
const refused = counter('configuration_reloads_total{result="refused",instance="a"}')
const unpaid = counter('llm_requests_total{model="m",status="budget",instance="a"}')

/** Beside each alert what just makes it fire, and what just does not. */
export const alertCases: readonly AlertCase[] = [
  { alert: 'ParleyDown', at: '3m', fires: up('1x4 0x8'), silent: up('1x4 0x2 1x8') },
  // Of two one is missing, for ten minutes or less; for hours, or it came back; api and worker follow the load.
  {
    alert: 'ParleyFewerProcesses',
    at: '40m',
    fires: { ...info('all', '1', '1x200'), ...info('all', '2', '1x110 stale') },
    silent: { ...info('all', '1', '1x200'), ...info('all', '2', '1x125 stale') },
  },
  {
    alert: 'ParleyFewerProcesses',
    at: '2h',
    fires: { ...info('all', '1', '1x500'), ...info('all', '2', '1x110 stale') },
    silent: {
      ...info('all', '1', '1x500'),
      ...info('all', '2', '1x110 stale'),
      ...info('all', '3', '_x120 1x380'),
      ...info('worker', '1', '1x110 stale'),
    },
  },
  // A second one came at twenty past, as hours are those of the clock: the guide promises it after two.
  {
    alert: 'ParleyFewerProcesses',
    at: '160m',
    fires: { ...info('all', '1', '1x700'), ...info('all', '2', '_x80 1x480 stale') },
    silent: { ...info('all', '1', '1x700'), ...info('all', '2', '_x80 1x379 stale') },
  },
  // While one is replaced both are seen for half a minute, which is not as many as there were.
  {
    alert: 'ParleyFewerProcesses',
    at: '100m',
    fires: { ...info('all', '1', '1x301 stale'), ...info('all', '2', '1x500') },
    silent: { ...info('all', '1', '1x121 stale'), ...info('all', '2', '_x119 1x500') },
  },
  // Days later it is still missing, and after a week that is how many there are.
  {
    alert: 'ParleyFewerProcesses',
    at: '216h',
    every: '2h',
    fires: { ...info('all', '1', '1x150'), ...info('all', '2', '1x50 stale') },
    silent: { ...info('all', '1', '1x150'), ...info('all', '2', '1x20 stale') },
  },
  {
    alert: 'ParleyRoleMissing',
    at: '5m',
    fires: { ...info('api'), ...info('poller') },
    silent: { ...info('api'), ...info('worker') },
  },
  {
    alert: 'ParleyRoleMissing',
    at: '5m',
    fires: { ...info('api'), ...info('worker'), 'channel_up{channel="telegram",namespace="acme"}': '1x40' },
    silent: { ...info('all'), 'channel_up{channel="telegram",namespace="acme"}': '1x40' },
  },
  { alert: 'ParleyRoleMissing', at: '5m', fires: {}, silent: info('all') },
  // A whole tenant beside another, and the one bot of a host.
  {
    alert: 'ParleyRoleMissing',
    at: '20m',
    fires: { ...info('all', '1', '1x8 stale'), ...info('all', '1', '1x100', 'other') },
    silent: {
      ...info('all', '1', '1x8 stale'),
      ...info('all', '2', '_x12 1x100'),
      ...info('all', '1', '1x100', 'other'),
    },
  },
  {
    alert: 'ParleyRoleMissing',
    at: '20m',
    fires: { 'parley_info{role="all"}': '1x8 stale' },
    silent: { 'parley_info{role="all"}': '1x100' },
  },
  {
    alert: 'ParleyRestarts',
    ...same(
      'process_start_time_seconds{job="parley"}',
      '10m',
      '100x10 200x10 300x10 400x10',
      '100x10 200x10 300x20',
    ),
  },
  {
    alert: 'ParleyTwoVersions',
    at: '90m',
    fires: { ...info('api', '1', '1x400'), ...info('worker', '2', '1x400') },
    silent: { ...info('api', '1', '1x400'), ...info('worker', '1', '1x400') },
  },
  { alert: 'ParleyClockWrong', ...same('clock_seconds', '5m', '3+15x40', '1+15x40') },
  { alert: 'ParleyDiskFull', ...same('disk_free_ratio', '7m', '0.09x40', '0.11x40') },
  // A series begins with its first fault, and is none before; the process is young, or has run for long.
  {
    alert: 'ParleyErrors',
    at: '4m',
    fires: errors('_x10 11x10', '0x20'),
    silent: errors('_x10 10x10', '0x20'),
  },
  { alert: 'ParleyErrors', at: '80m', fires: errors('_x200 11x130'), silent: errors('_x200 10x130') },
  { alert: 'ParleyErrors', at: '80m', fires: errors('90x300 90+1x20'), silent: errors('90x330') },
  // An hour ago a look failed; or nobody had looked before.
  {
    alert: 'ParleyErrors',
    at: '80m',
    fires: errors('90x79 stale 90x220 90+1x20', `${longAgo}x79 stale ${longAgo}x250`),
    silent: errors('90x79 stale 90x250', `${longAgo}x79 stale ${longAgo}x250`),
  },
  { alert: 'ParleyErrors', at: '4m', fires: errors('90+1x20'), silent: errors('90x20') },
  {
    alert: 'ParleyServerErrors',
    at: '12m',
    fires: {
      'http_requests_total{status="503",endpoint="/webhook/telegram"}': '0+1x60',
      'http_requests_total{status="200",endpoint="/chat"}': '0+15x60',
    },
    silent: {
      'http_requests_total{status="503",endpoint="/readyz"}': '0+9x60',
      'http_requests_total{status="503",endpoint="/webhook/telegram"}': '0+1x60',
      'http_requests_total{status="200",endpoint="/chat"}': '0+25x60',
    },
  },
  { alert: 'ParleyConfigurationRefused', at: '40m', fires: refused('_x150 1x20'), silent: refused('1x200') },
  {
    alert: 'ParleyConfigurationRefused',
    at: '40m',
    fires: refused('1x99 stale 1x30 2x30', `${longAgo}x99 stale ${longAgo}x100`),
    silent: refused('1x99 stale 1x100', `${longAgo}x99 stale ${longAgo}x100`),
  },
  { alert: 'ParleyBacklogOld', ...same('backlog_oldest_seconds', '3m', '61x20', '59x20') },
  { alert: 'ParleyDeadLetters', ...same('dead_letters', '7m', '1x40', '0x40') },
  {
    alert: 'ParleyOverloaded',
    at: '6m',
    fires: { 'messages_refused_total{channel="web",reason="backlog"}': '0+1x40' },
    silent: { 'messages_refused_total{channel="web",reason="chat"}': '0+1x40' },
  },
  { alert: 'ParleyChannelDown', at: '8m', fires: telegram('1x4 0x40'), silent: telegram('1x4 0x15 1x40') },
  {
    alert: 'ParleyTelegramConflict',
    ...same('telegram_conflicts_total', '5m', '0x4 1x4 2x4 3x8', '0x4 1x20'),
  },
  {
    alert: 'ParleyWebhookRefused',
    ...same('webhook_refused_total{channel="telegram",reason="secret"}', '5m', '0+1x40', '0x4 1x4 2x20'),
  },
  { alert: 'ParleyCertificateEnding', at: '20m', fires: certificate(14, 90), silent: certificate(14.1, 90) },
  // Those that live for days are renewed in their last ones.
  { alert: 'ParleyCertificateEnding', at: '20m', fires: certificate(0.9, 6), silent: certificate(5, 6) },
  { alert: 'ParleyCertificateOver', at: '20m', fires: certificate(3, 90), silent: certificate(3.1, 90) },
  { alert: 'ParleyCertificateOver', at: '20m', fires: certificate(-1, 90), silent: {} },
  { alert: 'ParleyCertificateOver', at: '20m', fires: certificate(0.4, 6), silent: certificate(0.6, 6) },
  {
    alert: 'ParleyEscalations',
    at: '25m',
    fires: {
      'conversations_escalated_total{reason="asked"}': '0+4x120',
      conversations_started_total: '0+10x120',
    },
    silent: {
      'conversations_escalated_total{reason="asked"}': '0+2x120',
      conversations_started_total: '0+10x120',
    },
  },
  {
    alert: 'ParleyModelSlow',
    at: '12m',
    fires: {
      'llm_response_time_seconds_bucket{model="m",le="10"}': '0+94x60',
      'llm_response_time_seconds_bucket{model="m",le="30"}': '0+100x60',
      'llm_response_time_seconds_bucket{model="m",le="+Inf"}': '0+100x60',
    },
    silent: {
      'llm_response_time_seconds_bucket{model="m",le="10"}': '0+96x60',
      'llm_response_time_seconds_bucket{model="m",le="30"}': '0+100x60',
      'llm_response_time_seconds_bucket{model="m",le="+Inf"}': '0+100x60',
    },
  },
  { alert: 'ParleyModelResting', ...same('llm_breaker_open{model="m"}', '3m', '1x20', '1x2 0x20') },
  {
    alert: 'ParleyModelFailing',
    at: '12m',
    fires: {
      'llm_requests_total{model="m",status="auth"}': '0+6x60',
      'llm_requests_total{model="m",status="ok"}': '0+4x60',
    },
    silent: {
      'llm_requests_total{model="m",status="budget"}': '0+6x60',
      'llm_requests_total{model="m",status="ok"}': '0+4x60',
    },
  },
  {
    alert: 'ParleyBudgetSpent',
    at: '3m',
    fires: { llm_daily_cost_usd: '100x20', llm_daily_budget_usd: '100x20' },
    silent: { llm_daily_cost_usd: '0x20', llm_daily_budget_usd: '0x20' },
  },
  // What is left does not cover a call. The first refusal begins the series.
  {
    alert: 'ParleyBudgetSpent',
    at: '4m',
    fires: {
      llm_daily_cost_usd: '99x20',
      llm_daily_budget_usd: '100x20',
      ...unpaid('_x8 1x20', '0x20'),
    },
    silent: { llm_daily_cost_usd: '99x20', llm_daily_budget_usd: '100x20' },
  },
  // Five minutes ago looks failed for two.
  {
    alert: 'ParleyBudgetSpent',
    at: '19m30s',
    fires: {
      llm_daily_cost_usd: '99x100',
      llm_daily_budget_usd: '100x100',
      ...unpaid('5x49 stale _x9 5x10 6x30', `${longAgo}x49 stale _x9 ${longAgo}x40`),
    },
    silent: {
      llm_daily_cost_usd: '99x100',
      llm_daily_budget_usd: '100x100',
      ...unpaid('5x49 stale _x9 5x40', `${longAgo}x49 stale _x9 ${longAgo}x40`),
    },
  },
  {
    alert: 'ParleyDatabaseDown',
    at: '3m',
    fires: {
      'dependency_up{dependency="database",instance="a"}': '1x20',
      'dependency_up{dependency="database",instance="b"}': '0x20',
    },
    silent: { 'dependency_up{dependency="redis"}': '0x20', 'dependency_up{dependency="database"}': '1x20' },
  },
  { alert: 'ParleyRedisDown', ...same('dependency_up{dependency="redis"}', '3m', '0x20', '1x4 0x2 1x20') },
  { alert: 'ParleyPoolFull', ...same('db_connection_pool_usage', '8m', '0.95x60', '0.9x60') },
  { alert: 'ParleyRetentionOverdue', ...same('retention_overdue_seconds', '15m', '86500x80', '86000x80') },
  { alert: 'ParleyBackupOld', ...same('backup_age_seconds', '8m', '93700x60', '93500x60') },
  { alert: 'ParleyBackupOld', ...same('backup_age_seconds', '8m', '1e9x60', '0x60') },
  // There was never one: told a day and two hours after the first process, not before. One that counts no more is told at once.
  {
    alert: 'ParleyBackupOld',
    every: '15m',
    ...same('backup_age_seconds', '27h', never(112), `_x5 ${never(107)}`),
  },
  {
    alert: 'ParleyBackupOld',
    every: '15m',
    ...same('backup_age_seconds', '30h', `0x116 ${never(5)}`, '0x121'),
  },
]
