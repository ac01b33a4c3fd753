import { ParleyError } from '../../model/errors.ts'
import type { Reply, StoredMessage } from '../../model/message.ts'
import { textsOf } from '../../model/texts/texts.ts'
import type { Answerer, Turn } from '../answers.ts'
import { cancelCommand } from './cancel.ts'
import type { BotFace, Command } from './command.ts'
import { help, helpCommand } from './help.ts'
import { ownCommand } from './own.ts'
import { asksForHelp, type CommandCall, commandOf } from './parse.ts'
import { startCommand } from './start.ts'
import { statusCommand, type StatusNeeds } from './status.ts'

/** Different commands answered in one burst; more are noise. */
const commandsAtOnce = 5
/** Of a command's argument, what the trace keeps (a Telegram deep link has at most 64). */
const argumentLength = 64

/**
 * Answers `/name`, buttons `cmd:name`, and "help" in plain words. A burst that holds more than commands is left, without them, to those
 * asked next. Throws `CONFIG_INVALID` when the installation defines a command twice or one of the engine's.
 */
export function createCommands({ face, ...status }: StatusNeeds & { face: BotFace }): Answerer {
  const commands: Command[] = [
    startCommand(face),
    helpCommand(() => commands),
    ...face.commands.map((own) => ownCommand(own, face)),
    cancelCommand,
    statusCommand(status),
  ]
  const byName = indexed(commands)

  const run = (turn: Turn, { name, argument }: CommandCall): Promise<Reply> | Reply =>
    byName.get(name)?.run(turn, argument) ??
    help(turn, commands, textsOf(turn.language).unknownCommand(`/${name}`))

  return {
    name: 'commands',
    besideHumans: true,
    async answer(turn) {
      const { calls, leaves } = sorted(turn)
      if (calls.length === 0) return undefined
      const replies: Reply[] = []
      for (const call of calls) replies.push(await run(turn, call))
      return { replies, confidence: 1, trace: { commands: calls.map(traced) }, leaves }
    },
  }
}

function indexed(commands: readonly Command[]): Map<string, Command> {
  const byName = new Map<string, Command>()
  for (const command of commands) {
    if (byName.has(command.name))
      throw new ParleyError(
        'CONFIG_INVALID',
        `bot.commands: /${command.name} exists already; choose another name.`,
      )
    byName.set(command.name, command)
  }
  return byName
}

/** The commands of a burst, each once, and what else was said. */
function sorted({ messages, conversation }: Turn): { calls: CommandCall[]; leaves: StoredMessage[] } {
  // Plain words said to a human are for the human.
  const isAlone = conversation.status !== 'human'
  const calls = new Map<string, CommandCall>()
  const leaves: StoredMessage[] = []
  for (const message of messages) {
    const call =
      commandOf(message) ?? (isAlone && asksForHelp(message) ? { name: 'help', argument: '' } : undefined)
    if (call) calls.set(call.name, call)
    else leaves.push(message)
  }
  return { calls: [...calls.values()].slice(0, commandsAtOnce), leaves }
}

const traced = ({ name, argument }: CommandCall) => ({
  name,
  ...(argument && { argument: argument.slice(0, argumentLength) }),
})
