import { providers } from './providers.ts'

/** A name of the environment. */
export interface EnvironmentName {
  name: string
  /** Also read from the file `NAME_FILE` names; never shown. */
  secret: boolean
  /** The setting of parley.yaml it beats; none for what only the environment may hold. */
  path: string | undefined
  /** `list`: separated by commas; `links`: a list as well, which `chain.ts` sets against the chain of the file. */
  form: 'text' | 'number' | 'flag' | 'list' | 'links'
  meaning: string
}

/** Everything Parley reads from its environment. */
export const environmentNames: readonly EnvironmentName[] = [
  plain(
    'ENVIRONMENT',
    'environment',
    'development, staging or production; the last two refuse weak secrets.',
  ),
  plain(
    'HOST',
    'server.host',
    'Address to listen on. A container sets 0.0.0.0, which needs SECRET_KEY outside development.',
  ),
  plain('PORT', 'server.port', 'Port to listen on.', 'number'),
  plain('TRUST_PROXY', 'server.trust_proxy', 'true behind a proxy that sets X-Forwarded-For.', 'flag'),
  plain('LOG_LEVEL', 'log.level', 'debug, info, warn or error.'),
  plain(
    'DATA_DIR',
    'data_dir',
    'Folder of the embedded database and the generated secret key; ./data beside parley.yaml when not set.',
  ),
  secret(
    'SECRET_KEY',
    'Signs cookies; at least 32 characters. In development one is made and kept in DATA_DIR/secret.key.',
  ),
  plain('DATABASE_PATH', 'database.path', 'File of the embedded database; DATA_DIR/parley.db when not set.'),
  secret(
    'DATABASE_URL',
    'postgres://user:password@host:5432/name: PostgreSQL instead of the embedded database.',
  ),
  plain('DATABASE_POOL_MIN', 'database.pool.min', 'Connections to PostgreSQL kept open.', 'number'),
  plain('DATABASE_POOL_MAX', 'database.pool.max', 'Connections to PostgreSQL at most.', 'number'),
  secret(
    'REDIS_URL',
    'redis://user:password@host:6379, or rediss:// over TLS: any number of processes share the work. Redis 7 or newer.',
  ),
  secret('TELEGRAM_BOT_TOKEN', 'Token from @BotFather. Not set: no Telegram.'),
  plain(
    'TELEGRAM_WEBHOOK_URL',
    'telegram.webhook_url',
    'Public https address of /webhook/telegram. Not set: polling.',
  ),
  secret(
    'TELEGRAM_WEBHOOK_SECRET',
    '1–256 of A–Z a–z 0–9 _ -; needed with a webhook, 16 or more outside development.',
  ),
  plain('TELEGRAM_API_ROOT', 'telegram.api_root', 'Address of the Bot API server.'),
  plain('AGENT_GROUP_CHAT_ID', 'telegram.agent_group', "Telegram chat of the agents' group."),
  plain('ADMIN_IDS', 'bot.admins', 'Administrators: Telegram user ids, or channel:id.', 'list'),
  plain(
    'AI_PROVIDER',
    'models.chain',
    'Model provider, or several in fallback order. Not set: models.chain, or those with a key.',
    'links',
  ),
  plain(
    'AI_MODEL',
    'models.chain[].model',
    'Model of the provider, or one for each in the order of AI_PROVIDER.',
    'links',
  ),
  plain(
    'AI_PRICE',
    'models.chain[].price',
    'What AI_MODEL costs, where Parley does not know it: input/cached input/output in USD for a million tokens, such as 0.75/0.075/4.50, or free; one for each in the order of AI_PROVIDER.',
    'links',
  ),
  plain(
    'LLM_DAILY_BUDGET_USD',
    'models.budget.daily',
    'The most that models may cost on one day, in USD; 0 asks none that costs anything.',
    'number',
  ),
  plain(
    'RATE_LIMIT_PER_HOUR',
    'limits.per_hour',
    'Messages of one person that are answered in an hour.',
    'number',
  ),
  plain(
    'RATE_LIMIT_PER_DAY',
    'limits.per_day',
    'Messages of one person that are answered on one day.',
    'number',
  ),
  plain(
    'LLM_SESSION_LIMIT',
    'limits.model_calls.per_session',
    'Questions of one person to a model in one go.',
    'number',
  ),
  plain(
    'LLM_DAILY_LIMIT',
    'limits.model_calls.per_day',
    'Questions of one person to a model on one day.',
    'number',
  ),
  plain('BACKUP_DIR', 'backup.folder', 'Where backups are kept; DATA_DIR/backups when not set.'),
  plain('BACKUP_KEEP', 'backup.keep', 'How many are kept, and of how many days.', 'number'),
  plain('BACKUP_DAILY_AT', 'backup.daily_at', 'When the running server takes one each day, such as 03:30.'),
  secret(
    'BACKUP_PASSPHRASE',
    'Encrypts backups and opens them; at least 16 characters. Without it nobody can open them: keep it elsewhere as well.',
  ),
  plain('BACKUP_S3_BUCKET', 'backup.s3.bucket', 'Bucket that holds backups instead of a folder.'),
  plain('BACKUP_S3_REGION', 'backup.s3.region', 'Its region.'),
  plain('BACKUP_S3_ENDPOINT', 'backup.s3.endpoint', 'Address of a store that speaks S3, if not Amazon.'),
  plain('BACKUP_S3_PREFIX', 'backup.s3.prefix', 'Folder in the bucket; one for each installation.'),
  secret('AWS_ACCESS_KEY_ID', 'Id of the key for the bucket.'),
  secret('AWS_SECRET_ACCESS_KEY', 'The key itself.'),
  secret('AWS_SESSION_TOKEN', 'Token that belongs to a temporary key.'),
  plain(
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    undefined,
    'Address of an OpenTelemetry collector that speaks OTLP over HTTP, such as http://collector:4318: turns are traced. Not set: they are not.',
  ),
  plain(
    'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    undefined,
    'The same with its path, where that is not /v1/traces; beats the other.',
  ),
  secret(
    'OTEL_EXPORTER_OTLP_HEADERS',
    'By what the collector knows us: name=value,name=value with values percent-encoded.',
  ),
  plain('OTEL_SERVICE_NAME', undefined, 'What traces are called by; parley when not set.'),
  plain('OTEL_TRACES_SAMPLER_ARG', undefined, 'Part of the turns that is traced, 0 to 1; 1 when not set.'),
  ...providers.flatMap(({ provider, key, baseUrlName }) => [
    secret(
      key,
      `Key of ${provider === 'compatible' ? 'the OpenAI-compatible endpoint, if it wants one' : provider}.`,
    ),
    plain(
      baseUrlName,
      undefined,
      `Address of ${provider === 'compatible' ? 'the endpoint' : `${provider}'s API, if not its own`}.`,
    ),
  ]),
  plain('PARLEY_CONFIG', undefined, 'The configuration file (or its folder) instead of ./parley.yaml.'),
  plain('PARLEY_COMMAND', undefined, 'How commands are typed here, as advice spells them: sudo parley.'),
  plain(
    'PARLEY_ROLE',
    undefined,
    'all, api, worker or poller, as --role: what of the work this process does. All but the first need DATABASE_URL and REDIS_URL.',
  ),
  plain(
    'PARLEY_FAULT',
    undefined,
    'point:n, for crash tests: the process kills itself there. Refused in production.',
  ),
]

function plain(
  name: string,
  path: string | undefined,
  meaning: string,
  form: EnvironmentName['form'] = 'text',
): EnvironmentName {
  return { name, secret: false, path, form, meaning }
}

function secret(name: string, meaning: string): EnvironmentName {
  return { name, secret: true, path: undefined, form: 'text', meaning }
}
