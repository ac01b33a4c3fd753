import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { createProgram } from './commands.ts'
import { commandNames } from './spelling.ts'

const withThoseBelow = (command: Command): Command[] => [command, ...command.commands.flatMap(withThoseBelow)]

test.each(commandNames)('the help of %s fits 80 columns and says in sentences what it does', async (name) => {
  const program = await createProgram([name])
  const command = program.commands.find((each) => each.name() === name)
  if (!command) throw new Error('no such command')
  for (const each of withThoseBelow(command)) {
    for (const line of each.description().split('\n')) expect(line).toMatch(/^[A-Z].*\.$/)
    for (const line of each.helpInformation().split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  }
  for (const line of program.helpInformation().split('\n')) expect(line.length).toBeLessThanOrEqual(80)
})
