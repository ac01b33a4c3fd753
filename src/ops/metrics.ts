import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** What the reference page and the alerts know about a metric. */
export interface MetricDefinition {
  name: string
  type: 'counter' | 'gauge' | 'histogram'
  help: string
  labels: readonly string[]
}

export type Metrics = ReturnType<typeof createMetrics>

const requestSeconds = [0.005, 0.01, 0.05, 0.1, 0.3, 1, 3, 10]
const modelSeconds = [0.1, 0.5, 1, 2, 5, 10, 30]
const querySeconds = [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5]
const turnSeconds = [0.005, 0.02, 0.1, 0.3, 1, 3, 5, 10, 30]

/**
 * Every metric of the application, in a registry of its own. Labels come from code and configuration, never from
 * a request or a person: an endpoint is a route's pattern, a reason one of a list.
 */
export function createMetrics({ process: withProcess = true }: { process?: boolean } = {}) {
  const registry = new Registry()
  const define = definer(registry)
  if (withProcess) collectDefaultMetrics({ register: registry })
  const definitions: readonly MetricDefinition[] = define.definitions
  return {
    registry,
    definitions,
    ...trafficMetrics(define),
    ...conversationMetrics(define),
    ...answerMetrics(define),
    ...modelMetrics(define),
    ...deliveryMetrics(define),
    ...channelMetrics(define),
    ...databaseMetrics(define),
    ...redisMetrics(define),
    ...processMetrics(define),
  }
}

type Define = ReturnType<typeof definer>

function trafficMetrics({ counter, gauge, histogram }: Define) {
  return {
    httpRequests: counter('http_requests_total', 'Requests answered.', ['method', 'endpoint', 'status']),
    httpSeconds: histogram('http_request_duration_seconds', 'Time to answer a request.', requestSeconds, [
      'method',
      'endpoint',
    ]),
    sockets: gauge('websocket_connections', 'Open sockets of the web chat.', []),
    messagesRefused: counter(
      'messages_refused_total',
      'Messages refused before anything was stored: backlog, delay (at capacity), chat (too many of one).',
      ['channel', 'reason'],
    ),
    socketsRefused: counter('websocket_refused_total', 'Sockets too many: of the process, of an address.', [
      'reason',
    ]),
    rateLimited: counter('rate_limit_exceeded_total', 'Requests and messages refused for coming too fast.', [
      'user_type',
    ]),
  }
}

function conversationMetrics({ counter }: Define) {
  return {
    messages: counter('messages_processed_total', 'Messages stored, by who wrote them.', ['sender_type']),
    duplicates: counter('messages_duplicate_total', 'Redelivered updates that changed nothing.', ['channel']),
    conversations: counter('conversations_started_total', 'Conversations begun.', []),
    escalations: counter('conversations_escalated_total', 'Conversations a human was offered for.', [
      'reason',
    ]),
  }
}

function answerMetrics({ counter, histogram }: Define) {
  return {
    turns: counter('turns_total', 'Turns by how they ended: committed, failed, lost, abandoned.', [
      'outcome',
    ]),
    answers: counter('answers_total', 'Committed answers by what answered.', ['source']),
    turnSeconds: histogram('turn_duration_seconds', 'Time from the lease to the commit.', turnSeconds, [
      'source',
    ]),
  }
}

function modelMetrics({ counter, gauge, histogram }: Define) {
  return {
    llmRequests: counter('llm_requests_total', 'Model calls: ok, or why they failed.', ['model', 'status']),
    llmRetries: counter('llm_retries_total', 'Of the model calls, the tries repeated.', ['model']),
    llmResting: gauge('llm_breaker_open', '1 while a model is left alone after failing repeatedly.', [
      'model',
    ]),
    llmSeconds: histogram('llm_response_time_seconds', 'Time of a model call.', modelSeconds, ['model']),
    llmTokens: counter('llm_tokens_used_total', 'Tokens used: input, output.', ['model', 'type']),
    llmDailyCost: gauge('llm_daily_cost_usd', 'Spent on models today, by all processes together.', []),
    llmDailyBudget: gauge('llm_daily_budget_usd', 'The most that models may cost today.', []),
  }
}

function deliveryMetrics({ counter, gauge }: Define) {
  return {
    deliveries: counter('deliveries_total', 'Sends by outcome: sent, retried, failed, uncertain.', [
      'channel',
      'outcome',
    ]),
    deadLetters: counter(
      'dead_letters_total',
      'Replies and turns set aside for good, updates stored without their content.',
      ['kind'],
    ),
    deadLettersWaiting: gauge('dead_letters', 'Dead letters nobody has looked at.', []),
    backlog: gauge('backlog_messages', 'Messages waiting: received (for an answer), queued (for delivery).', [
      'state',
    ]),
    backlogAge: gauge(
      'backlog_oldest_seconds',
      'Age of the oldest waiting message, but for replies in groups told to wait.',
      [],
    ),
  }
}

function channelMetrics({ counter, gauge }: Define) {
  return {
    channelUp: gauge('channel_up', '1 when the channel is connected, 0 when not.', ['channel']),
    telegramConflicts: counter(
      'telegram_conflicts_total',
      'Another poller or a webhook took the updates (409).',
      [],
    ),
    webhookRefused: counter(
      'webhook_refused_total',
      'Webhook calls refused: secret, size, malformed, overloaded, unavailable.',
      ['channel', 'reason'],
    ),
    certificateFrom: gauge(
      'tls_certificate_not_before_timestamp_seconds',
      'When the certificate of a public address of the bot began, in seconds since the epoch.',
      ['host'],
    ),
    certificateTo: gauge(
      'tls_certificate_not_after_timestamp_seconds',
      'When the certificate of a public address of the bot ends, as it was last seen there.',
      ['host'],
    ),
    updatesIgnored: counter(
      'updates_ignored_total',
      'Updates that were not for the bot or of a kind it does not read.',
      ['channel'],
    ),
  }
}

function databaseMetrics({ counter, gauge, histogram }: Define) {
  return {
    rowsDeleted: counter(
      'retention_deleted_rows_total',
      'Rows kept as long as the settings say, and deleted.',
      ['table'],
    ),
    retentionOverdue: gauge(
      'retention_overdue_seconds',
      'How long the deletion of old rows has been due, 0 when it is done.',
      [],
    ),
    backupAge: gauge(
      'backup_age_seconds',
      'Age of the latest backup that was proven by a restore; +Inf: there is none.',
      [],
    ),
    backups: counter('backups_total', 'Backups the server had taken: proven, failed.', ['outcome']),
    poolUsage: gauge('db_connection_pool_usage', 'Busy part of the database connections, 0 to 1.', []),
    querySeconds: histogram('db_query_duration_seconds', 'Time of a database operation.', querySeconds, [
      'operation',
    ]),
  }
}

function redisMetrics({ counter }: Define) {
  return {
    redisOperations: counter(
      'redis_operations_total',
      'What was asked of Redis: ok, failed, or dropped because it was away.',
      ['operation', 'status'],
    ),
  }
}

function processMetrics({ counter, gauge }: Define) {
  return {
    configurationReloads: counter(
      'configuration_reloads_total',
      'Changed configurations: applied, refused.',
      ['result'],
    ),
    errors: counter('errors_total', 'Faults nobody expected, by where they were caught.', ['area']),
    dependencies: gauge('dependency_up', '1 when it answers, 0 when not: database, redis.', ['dependency']),
    diskFree: gauge('disk_free_ratio', 'Free part of the disk that holds the data, 0 to 1.', []),
    traceSpans: counter('trace_spans_total', 'Spans of traces: sent, dropped. Only where turns are traced.', [
      'outcome',
    ]),
    clock: gauge('clock_seconds', 'What the clock of this process says, in seconds since the epoch.', []),
    info: gauge('parley_info', 'Always 1; what is running.', ['version', 'commit', 'role']),
  }
}

/** Makes metrics of one registry, remembering each definition. */
function definer(registry: Registry) {
  const definitions: MetricDefinition[] = []
  const registers = [registry]
  return {
    definitions,
    counter<L extends string>(name: string, help: string, labelNames: L[]): Counter<L> {
      definitions.push({ name, type: 'counter', help, labels: labelNames })
      return new Counter({ name, help, labelNames, registers })
    },
    gauge<L extends string>(name: string, help: string, labelNames: L[]): Gauge<L> {
      definitions.push({ name, type: 'gauge', help, labels: labelNames })
      return new Gauge({ name, help, labelNames, registers })
    },
    histogram<L extends string>(
      name: string,
      help: string,
      buckets: number[],
      labelNames: L[],
    ): Histogram<L> {
      definitions.push({ name, type: 'histogram', help, labels: labelNames })
      return new Histogram({ name, help, buckets, labelNames, registers })
    },
  }
}
