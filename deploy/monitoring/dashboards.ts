/** What Grafana shows, as data; `write.ts` makes its files of it. */
export interface Dashboard {
  name: string
  title: string
  panels: readonly Panel[]
}

export interface Panel {
  title: string
  /** A number now, or its course. */
  shows: 'now' | 'course'
  /** Of Grafana: `s`, `percentunit`, `reqps`, `bytes`, … */
  unit: string
  /** Query and legend. */
  queries: readonly (readonly [expr: string, legend: string])[]
  /** Values with a meaning of their own. */
  words?: Record<string, string>
}

/** A metric of the tenants looked at. */
const of = (name: string, matchers = ''): string =>
  `${name}{namespace=~"$namespace"${matchers && `, ${matchers}`}}`
const rate = (name: string, matchers = ''): string => `rate(${of(name, matchers)}[$__rate_interval])`
const increase = (name: string, time: string, matchers = ''): string =>
  `increase(${of(name, matchers)}[${time}])`
const quantile = (part: number, name: string, by = ''): string =>
  `histogram_quantile(${part}, sum by (le${by && `, ${by}`}) (${rate(`${name}_bucket`)}))`
/** Of what need not have happened yet. */
const orNone = (expr: string): string => `${expr} or vector(0)`
const perMinute = (expr: string): string => `60 * ${expr}`

const course = (title: string, unit: string, ...queries: Panel['queries']): Panel => ({
  title,
  shows: 'course',
  unit,
  queries,
})
const now = (title: string, unit: string, ...queries: Panel['queries']): Panel => ({
  title,
  shows: 'now',
  unit,
  queries,
})
const upOrDown = { '0': 'down', '1': 'up' }
const people = 'endpoint!~"/livez|/readyz|/health|/metrics"'

const operations: Panel[] = [
  now('Processes', 'none', [`count by (version, role) (${of('parley_info')})`, '{{role}} {{version}}']),
  {
    ...now('Database and Redis', 'none', [`min by (dependency) (${of('dependency_up')})`, '{{dependency}}']),
    words: upOrDown,
  },
  {
    ...now('Channels', 'none', [`min by (channel) (${of('channel_up')})`, '{{channel}}']),
    words: upOrDown,
  },
  {
    ...now('Latest verified backup', 's', [`min(${of('backup_age_seconds')} < +Inf) or vector(-1)`, 'age']),
    words: { '-1': 'none' },
  },
  course('Waiting', 'short', [`max by (state) (${of('backlog_messages')})`, '{{state}}']),
  course('Oldest that waits', 's', [`max(${of('backlog_oldest_seconds')})`, 'age']),
  course(
    'Time of a turn',
    's',
    [quantile(0.5, 'turn_duration_seconds'), 'half'],
    [quantile(0.95, 'turn_duration_seconds'), '95 %'],
  ),
  course('Requests', 'reqps', [`sum by (status) (${rate('http_requests_total')})`, '{{status}}']),
  course('Answered with an error', 'percentunit', [
    `(${orNone(`sum(${rate('http_requests_total', `status=~"5..", ${people}`)})`)}) / clamp_min(sum(${rate('http_requests_total', people)}), 0.001)`,
    '5xx',
  ]),
  course(
    'Time of a request',
    's',
    [quantile(0.5, 'http_request_duration_seconds'), 'half'],
    [quantile(0.95, 'http_request_duration_seconds'), '95 %'],
  ),
  course(
    'Refused for want of room',
    'short',
    [orNone(`sum(${rate('messages_refused_total')})`), 'messages'],
    [orNone(`sum(${rate('websocket_refused_total')})`), 'sockets'],
  ),
  course('Open sockets', 'short', [`sum(${of('websocket_connections')})`, 'sockets']),
  course('Database', 's', [quantile(0.95, 'db_query_duration_seconds', 'operation'), '{{operation}}, 95 %']),
  course('Connections in use', 'percentunit', [of('db_connection_pool_usage'), '{{instance}}']),
  course('Redis', 'ops', [`sum by (status) (${rate('redis_operations_total')})`, '{{status}}']),
  course('Memory', 'bytes', [of('process_resident_memory_bytes'), '{{instance}}']),
  course('Processor', 'percentunit', [rate('process_cpu_seconds_total'), '{{instance}}']),
  course('Late to its work', 's', [of('nodejs_eventloop_lag_p99_seconds'), '{{instance}}, 99 %']),
  now('Errors within an hour', 'short', [orNone(`sum(${increase('errors_total', '1h')})`), 'errors']),
  now('Dead letters', 'short', [`max(${of('dead_letters')})`, 'replies']),
  now('Free on the disk', 'percentunit', [`min(${of('disk_free_ratio')})`, 'free']),
  now('Deletion overdue', 's', [`min(${of('retention_overdue_seconds')})`, 'overdue']),
]

const conversations: Panel[] = [
  now('Begun within an hour', 'short', [
    `sum(${increase('conversations_started_total', '1h')})`,
    'conversations',
  ]),
  now('A human was asked for', 'percentunit', [
    `(${orNone(`sum(${increase('conversations_escalated_total', '1h')})`)}) / clamp_min(sum(${increase('conversations_started_total', '1h')}), 1)`,
    'of the last hour',
  ]),
  course('Messages a minute', 'short', [
    perMinute(`sum by (sender_type) (${rate('messages_processed_total')})`),
    '{{sender_type}}',
  ]),
  course('Conversations begun a minute', 'short', [
    perMinute(`sum(${rate('conversations_started_total')})`),
    'conversations',
  ]),
  course('Answered by', 'short', [perMinute(`sum by (source) (${rate('answers_total')})`), '{{source}}']),
  course('Requests for a human a minute', 'short', [
    perMinute(`sum by (reason) (${rate('conversations_escalated_total')})`),
    '{{reason}}',
  ]),
  course('Turns', 'short', [perMinute(`sum by (outcome) (${rate('turns_total')})`), '{{outcome}}']),
  course('Time to an answer, 95 %', 's', [quantile(0.95, 'turn_duration_seconds', 'source'), '{{source}}']),
  course('Sent a minute', 'short', [
    perMinute(`sum by (channel, outcome) (${rate('deliveries_total')})`),
    '{{channel}} {{outcome}}',
  ]),
  course('Too fast, a minute', 'short', [
    orNone(perMinute(`sum by (user_type) (${rate('rate_limit_exceeded_total')})`)),
    '{{user_type}}',
  ]),
  course('Delivered twice, a minute', 'short', [
    orNone(perMinute(`sum by (channel) (${rate('messages_duplicate_total')})`)),
    '{{channel}}',
  ]),
]

const money: Panel[] = [
  now('Spent today', 'currencyUSD', [`max(${of('llm_daily_cost_usd')})`, 'spent']),
  now('Limit of a day', 'currencyUSD', [`max(${of('llm_daily_budget_usd')})`, 'limit']),
  now('Part of it', 'percentunit', [
    `max(${of('llm_daily_cost_usd')}) / clamp_min(max(${of('llm_daily_budget_usd')}), 0.000001)`,
    'spent',
  ]),
  now('Calls refused for want of money, an hour', 'short', [
    orNone(`sum(${increase('llm_requests_total', '1h', 'status="budget"')})`),
    'calls',
  ]),
  course(
    'Spending of the day',
    'currencyUSD',
    [`max(${of('llm_daily_cost_usd')})`, 'spent'],
    [`max(${of('llm_daily_budget_usd')})`, 'limit'],
  ),
  course('Calls a minute', 'short', [
    perMinute(`sum by (model, status) (${rate('llm_requests_total')})`),
    '{{model}} {{status}}',
  ]),
  course('Tokens a minute', 'short', [
    perMinute(`sum by (model, type) (${rate('llm_tokens_used_total')})`),
    '{{model}} {{type}}',
  ]),
  course('Time of a call, half', 's', [quantile(0.5, 'llm_response_time_seconds', 'model'), '{{model}}']),
  course('Time of a call, 95 %', 's', [quantile(0.95, 'llm_response_time_seconds', 'model'), '{{model}}']),
  course('Tries repeated, a minute', 'short', [
    orNone(perMinute(`sum by (model) (${rate('llm_retries_total')})`)),
    '{{model}}',
  ]),
  course('Models left alone', 'none', [orNone(`max by (model) (${of('llm_breaker_open')})`), '{{model}}']),
  now('USD for a conversation, today', 'currencyUSD', [
    `max(${of('llm_daily_cost_usd')}) / clamp_min(sum(${increase('conversations_started_total', '24h')}), 1)`,
    'each',
  ]),
]

export const dashboards: readonly Dashboard[] = [
  { name: 'operations', title: 'Parley: operations', panels: operations },
  { name: 'conversations', title: 'Parley: conversations', panels: conversations },
  { name: 'money', title: 'Parley: money', panels: money },
]
