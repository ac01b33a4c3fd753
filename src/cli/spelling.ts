import { processEnvironment } from '../config/env.ts'
import { readVersion } from '../ops/version.ts'

/** Every command, in the order of the overview. */
export const commandNames = [
  'start',
  'init',
  'doctor',
  'call',
  'migrate',
  'migrate-data',
  'webhook',
  'tenant',
  'handoffs',
  'outbox',
  'budget',
  'contacts',
  'backup',
  'drill',
  'restore',
  'version',
  'reference',
] as const

export type CommandName = (typeof commandNames)[number]

/** What stands before a command in a checkout; an image has the program in its PATH. */
export const inCheckout = 'npm run parley --'

/** What stands before a command in this installation. */
export const programName =
  processEnvironment(process.cwd())['PARLEY_COMMAND'] ||
  (readVersion().builtAt === 'unknown' ? inCheckout : 'parley')

const names = commandNames.join('|')

/** On a host with the services, where one of those is what starts it. */
const onHost = 'sudo parley'

// In a container (`exec POD -- parley …`, `compose run --rm parley …`), for a user of that name and on a host with the services
// (`sudo parley …`) it is in the PATH.
const commands = new RegExp(`(?<!/|(?:--[\\w-]*|-T|sudo|parley) )\\bparley (?=(?:${names})\\b)`, 'g')

/** It makes a bot, and takes none. */
const ofBots = commandNames.filter((name) => name !== 'init').join('|')

const whole = new RegExp(`\\bparley (?:${ofBots})\\b(?!-)(?: (?:set|delete|up|list|remove|drop)\\b)?`, 'g')

/** A text of ours whose commands are to work on the bot that `option` names: ` -c PLACE`, or nothing. */
export const onBot = (text: string, option: string): string =>
  text.replace(whole, (command) => command + option)

/**
 * A text of ours with its commands as they are typed here. Every layer writes `parley doctor`; the command line spells it
 * where it prints.
 */
export function spelled(text: string, name: string = programName): string {
  const typed = text.replace(commands, `${name} `)
  return name === onHost
    ? typed.replace(/\bsudo parley start\b(?! -)/g, 'sudo systemctl enable --now parley')
    : typed
}
