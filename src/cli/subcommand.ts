import { Command } from 'commander'
import { configOption } from './configuration.ts'

/**
 * A command below another, with the options all of them have. `summary`: its line in the overview; `isDefault`: what the
 * command above does when none is named.
 */
export function subcommand(parent: Command, name: string, summary: string, isDefault = false): Command {
  const sentence = `${summary.slice(0, 1).toUpperCase()}${summary.slice(1)}.`
  const command = new Command(name).summary(summary).description(sentence)
  parent.addCommand(command.addOption(configOption()).option('--json', 'for machines'), { isDefault })
  return command
}
