import { setTimeout as sleep } from 'node:timers/promises'
import { Command, Option } from 'commander'
import type { App } from '../app.ts'
import { createFaqReader } from '../app/faq-file.ts'
import type { Config } from '../config/config.ts'
import type { LoadedConfig } from '../config/load.ts'
import { watchConfig } from '../config/watch.ts'
import { formatWarning } from '../config/warnings.ts'
import { createLog, type LevelledLog, type Log } from '../ops/log.ts'
import { returnMemory, yieldToProgram } from '../ops/memory.ts'
import { readVersion } from '../ops/version.ts'
import { backupTaker } from './backup-taker.ts'
import { printBanner } from './banner.ts'
import { type ConfigOptions, configOption, readConfig, requireConfig } from './configuration.ts'
import { refuseToLeaveBehind } from './left-behind.ts'
import { onStopSignal } from './signals.ts'
import { spelled } from './spelling.ts'

/** By then the start is over and what it needed is garbage, in milliseconds. */
const settledMs = 2000
/** How long the banner waits for the platforms, in milliseconds. */
const longestAskingMs = 3000

export function startCommand(): Command {
  return new Command('start')
    .description(
      'Runs the bot server until SIGTERM or Ctrl+C; it then finishes what it works on and exits with 0.\n' +
        'HOST and PORT say where it listens. Changes of parley.yaml, the FAQ file and files of secrets are taken over while it runs; SIGHUP does it at once.',
    )
    .addOption(configOption())
    .addOption(roleOption())
    .action(start)
}

/** Which roles there are is the configuration's matter, which may get one from PARLEY_ROLE as well. */
const roleOption = (): Option =>
  new Option('-r, --role <role>', 'all, api, worker or poller: what of the work this process does')

async function start(options: ConfigOptions): Promise<void> {
  const faq = createFaqReader()
  const loaded = requireConfig(options, { makeKey: true, faq })
  const { config } = loaded
  const held = holdBack(hasBanner(config))
  const log = createLog(config.log.level, held.write).child({ role: config.role })
  exitOnFault(log, held.release)
  const stopped = onStopSignal()
  const { createApp } = await import('../app.ts')
  const made = createApp(config, { log, faq, takeBackup: backupTaker(options) })
  const app = await begin(made, () => refuseToLeaveBehind(loaded, options)).catch((error: unknown) => {
    held.release()
    throw error
  })
  const announced = announce(app, loaded, log).finally(held.release)
  setTimeout(settle, settledMs).unref()
  const load = () => readConfig(options, { makeKey: true, faq })
  const watch = watchConfig({ loaded, load, ...reactions(app, log) })
  process.on('SIGHUP', watch.reload)
  await Promise.race([announced, stopped])
  const signal = await stopped
  held.release()
  log.info({ signal }, 'stopping')
  watch.close()
  await app.stop()
  log.info({}, 'stopped')
}

function settle(): void {
  returnMemory()
  yieldToProgram()
}

/** To people: on a terminal, and while the bot is developed. */
const hasBanner = ({ environment }: Config): boolean => process.stdout.isTTY || environment === 'development'

/** The lines of the log; those written before the banner come after it, where there is one. */
function holdBack(isHeld: boolean): { write: ((line: string) => void) | undefined; release(): void } {
  if (!isHeld) return { write: undefined, release: () => undefined }
  let lines: string[] | undefined = []
  return {
    write: (line) => void (lines ? lines.push(line) : process.stdout.write(line)),
    release() {
      for (const line of lines ?? []) process.stdout.write(line)
      lines = undefined
    },
  }
}

/** What did not start lets go of the database at once. `look`: at what is there before anybody writes. */
async function begin(made: Promise<App>, look: () => Promise<void>): Promise<App> {
  const app = await made
  try {
    await look()
    await app.start()
    return app
  } catch (error) {
    await app.stop()
    throw error
  }
}

/** Says that it runs, and what is not as it should be: to people with a banner, to machines in the log. */
async function announce(app: App, loaded: LoadedConfig, log: Log): Promise<void> {
  const { config, file, warnings } = loaded
  const readyAfterMs = Date.now() - readVersion().startedAt
  if (hasBanner(config)) {
    await channelsKnown(app)
    return printBanner(app, loaded, { readyAfterMs, reachesOthers: await app.reachesOthers() })
  }
  for (const warning of warnings) log.warn({}, spelled(formatWarning(warning)))
  log.info({ address: app.address, environment: config.environment, file }, 'ready')
}

/** Platforms are asked in the background; who reads the banner wants to know what they said. */
async function channelsKnown(app: App): Promise<void> {
  const until = Date.now() + longestAskingMs
  const isAsking = () => [...app.channels().values()].some(({ state }) => state === 'starting')
  while (isAsking() && Date.now() < until) await sleep(50)
}

type Reactions = Pick<Parameters<typeof watchConfig>[0], 'onChange' | 'onProblems' | 'onMended'>

function reactions(app: App, log: LevelledLog): Reactions {
  return {
    onChange({ config, sections, restart }) {
      if (restart.length > 0) log.warn({ sections: restart }, 'changed settings that wait for a restart')
      if (sections.length === 0) return
      app.reload(config, sections)
      log.level = config.log.level
    },
    onProblems: app.refuse,
    onMended: () => app.refuse([]),
  }
}

/** What was accepted is stored: dying is safe, going on in an unknown state is not. */
function exitOnFault(log: Log, release: () => void): void {
  process.on('uncaughtException', (err) => {
    log.error({ err }, 'fault that nobody caught, exiting')
    release()
    process.exit(1)
  })
}
