import { Command } from 'commander'
import { readVersion } from '../ops/version.ts'
import { print, printJson, printTable } from './terminal.ts'

export function versionCommand(): Command {
  return new Command('version')
    .description(
      'Shows the version, the commit it was made from, when the image was built, and the Node version.',
    )
    .option('--json', 'for machines')
    .action(({ json }: { json?: boolean }) => {
      const { version, commit, builtAt } = readVersion()
      const node = process.versions.node
      // As GET /api/version tells it.
      if (json) return printJson({ version, commit, builtAt: builtAt === 'unknown' ? null : builtAt, node })
      print(`Parley ${version}`)
      printTable([
        ['commit', commit],
        ['built', builtAt === 'unknown' ? 'not an image' : builtAt],
        ['node', node],
      ])
    })
}
