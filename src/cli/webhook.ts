import { Command } from 'commander'
import { createWebhookDesk, type WebhookDesk, type WebhookReport } from '../app/webhook.ts'
import { type ConfigOptions, requireConfig } from './configuration.ts'
import { subcommand } from './subcommand.ts'
import { CommandFailure, paint, print, printJson, printTable } from './terminal.ts'

interface Options extends ConfigOptions {
  json?: boolean
}

export function webhookCommand(): Command {
  const command = new Command('webhook').description(
    "Telegram's webhook as TELEGRAM_WEBHOOK_URL and TELEGRAM_WEBHOOK_SECRET say. `start` sets it by itself.",
  )
  subcommand(command, 'set', 'register the configured address, unless it is').action((options: Options) =>
    withDesk(options, async (desk) => done(await desk.set(), 'registered', 'already right', options)),
  )
  subcommand(
    command,
    'verify',
    'compare what is registered with the configuration; exits with 1 when it differs',
  ).action((options: Options) => withDesk(options, async (desk) => show(await desk.report(), options)))
  subcommand(command, 'delete', 'remove the webhook, so that the bot can poll').action((options: Options) =>
    withDesk(options, async (desk) => done(await desk.delete(), 'removed', 'there was none', options)),
  )
  return command
}

async function withDesk(options: Options, work: (desk: WebhookDesk) => Promise<void>): Promise<void> {
  const { telegram } = requireConfig(options).config
  if (!telegram)
    throw new CommandFailure(
      'No bot is configured.\n→ set TELEGRAM_BOT_TOKEN to the token from @BotFather',
      2,
    )
  const desk = createWebhookDesk(telegram, (ms) => {
    if (!options.json) print(`Telegram asks to wait ${Math.ceil(ms / 1000)} s …`)
  })
  try {
    await work(desk)
  } finally {
    await desk.close()
  }
}

function done(changed: boolean, what: string, otherwise: string, { json }: Options): void {
  if (json) return printJson({ changed })
  print(changed ? `Webhook ${what}.` : `Nothing to do: ${otherwise}.`)
}

function show(report: WebhookReport, { json }: Options): void {
  const ok = report.problems.length === 0
  if (!ok) process.exitCode = 1
  if (json) return printJson({ ok, ...report })
  printTable([
    ['address', report.url === '' ? 'none' : report.url],
    ['waiting', `${report.pendingUpdates} updates`],
    ['last error', report.lastError ? `${report.lastError.at} ${report.lastError.message}` : 'none'],
  ])
  for (const { problem, next } of report.problems)
    print(`\n${paint('red', 'problem')}  ${problem}\n→ ${next}`)
  if (ok) print(`\n${paint('green', 'ok')}`)
}
