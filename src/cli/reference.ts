import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { referencePages } from './reference/pages.ts'
import { print } from './terminal.ts'

const folder = join(import.meta.dirname, '../../docs/reference')

export function referenceCommand(): Command {
  return new Command('reference')
    .description(
      'Writes the pages of docs/reference that follow from the code: configuration, errors, metrics.',
    )
    .action(() => {
      mkdirSync(folder, { recursive: true })
      for (const [name, page] of referencePages()) {
        writeFileSync(join(folder, name), page)
        print(`wrote docs/reference/${name}`)
      }
    })
}
