import { type Alert, type AlertKind, runbookOf } from '../alert.ts'
import { duration } from './duration.ts'
import { counted } from './plural.ts'

const titles: Record<AlertKind, string> = {
  models: 'A language model does not answer',
  channel: 'A channel is disconnected',
  conflict: 'Somebody else receives my updates',
  backlog: 'Messages wait for too long',
  deadLetters: 'Replies could not be delivered',
  overload: 'Messages are refused',
  errors: 'Many errors',
  database: 'The database was away',
  pool: 'All connections to the database are busy',
  redis: 'Redis cannot be reached',
  disk: 'The disk is nearly full',
  retention: 'Old messages are not deleted',
  backup: 'There is no recent backup',
  serverErrors: 'Many requests end in an error',
  modelSlow: 'A language model is slow',
  escalations: 'Many people ask for a human',
  restarts: 'I start again and again',
  certificate: 'The certificate of my address is running out',
}

const replies = { one: 'reply', other: 'replies' }

function words(alert: Alert): string {
  switch (alert.kind) {
    case 'models':
      return `${alert.models} gave no answer for a while. I go on with the next model, or with ready answers. \`parley doctor\` asks it and says why.`
    case 'channel':
      return `${alert.channels}: no connection for five minutes. \`/health\` says why.`
    case 'conflict':
      return 'Another process polls with the token of this bot, or a webhook is set. Stop the other, or give it a bot of its own; if you know of none, the token has leaked: change it.'
    case 'backlog':
      return `Without an answer: ${alert.received}; not sent yet: ${alert.queued}; the oldest waits for ${duration('en', alert.oldestMs)}. Look at \`/health\` first.`
    case 'deadLetters':
      return `${counted('en', alert.count, replies)} given up. \`parley outbox\` says which and why, and sends them again.`
    case 'overload':
      return 'More comes than I can answer. What I refuse is not lost at once: Telegram delivers it later, pages send it again for two minutes.'
    case 'errors':
      return `${alert.count} unexpected errors within an hour in one process. The log has them with their place (\`area\`).`
    case 'database':
      return `I could not use it for ${duration('en', alert.awayMs)}. What had been accepted is safe; what came meanwhile was refused, and platforms deliver it again.`
    case 'pool':
      return 'For five minutes nearly all of them have been busy. Queries are slow, or there are too few connections.'
    case 'redis':
      return 'Nothing is lost, but answers come a little later. Look whether it runs.'
    case 'disk':
      return `${alert.freePercent} % are free. When it is full, nothing can be accepted.`
    case 'retention':
      return `The daily run is overdue by ${duration('en', alert.overdueMs)}.`
    case 'backup':
      return alert.ageMs === undefined
        ? 'Not one was ever taken and proven. Take one now (`parley backup`), and have one taken each day (`backup.daily_at`).'
        : `The last one that was proven is ${duration('en', alert.ageMs)} old. Take one now, and look why none came.`
    case 'serverErrors':
      return `For five minutes, ${alert.percent} % of the requests to one process have ended in an error of mine (5xx). Look at \`/health\` first, then at the log.`
    case 'modelSlow':
      return `${alert.models}: for five minutes, more than one call in twenty has taken over ten seconds. People wait; another model in front of it helps at once.`
    case 'escalations':
      return `In ${alert.percent} % of the conversations of the last ten minutes a human was asked for. Mostly the models do not answer, or people ask what the FAQ lacks.`
    case 'restarts':
      return `I started ${alert.starts} times within half an hour. If it was none of you, the last lines of the log before each start say why.`
    case 'certificate':
      return alert.leftMs > 0
        ? `${alert.host}: it is good for another ${duration('en', alert.leftMs)}, and should have been renewed by now. After that neither Telegram nor browsers come in.`
        : `${alert.host}: it ended ${duration('en', -alert.leftMs)} ago. Neither Telegram nor browsers come in until it is renewed.`
  }
}

export const alertNote = (alert: Alert): string =>
  `**${titles[alert.kind]}**\n\n${words(alert)}\n\nWhat to do: \`docs/runbooks/${runbookOf[alert.kind]}.md\``

export const alertOverNote = (kind: AlertKind): string => `**In order again**\n\n${titles[kind]}: no longer.`
