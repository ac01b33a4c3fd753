import { readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { parseName } from '../../src/backup/name.ts'
import { createEmptyPlace, createHome, type EmptyPlace, runCommand } from '../support/backup-command.ts'
import { query } from '../support/sql.ts'
import { databaseKinds } from '../support/stores.ts'

const undo: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const work of undo.splice(0)) await work()
})

test.each(databaseKinds)(
  'on %s a database and one restored from its backup live on beside each other',
  async (kind) => {
    const shared = await createHome()
    undo.push(shared.remove)
    const folder = join(shared.home, 'backups')
    const place = async (): Promise<EmptyPlace> => {
      const made = await createEmptyPlace(kind)
      undo.push(made.remove)
      return made
    }
    const parley = ({ home, env }: EmptyPlace, ...args: string[]) =>
      runCommand(home, args, { ...env, BACKUP_DIR: folder, BACKUP_KEEP: '1' })
    const take = async (bot: EmptyPlace): Promise<{ name: string; removed: string[]; kept: number }> =>
      JSON.parse((await parley(bot, 'backup', '--json')).stdout)

    const production = await place()
    await parley(production, 'call', '/help')
    const before = await take(production)
    const staging = await place()
    expect(await parley(staging, 'restore')).toMatchObject({ code: 0, stderr: '' })
    // Until it has one of its own, that is all there is.
    const tooEarly = await parley(staging, 'backup', 'remove', before.name)
    expect(tooEarly).toMatchObject({ code: 1, stdout: '' })
    expect(tooEarly.stderr).toContain(`${before.name} is the newest backup of its database, and nothing was`)
    // The server goes on, and writes one at this moment.
    const halfWritten = `.${before.name.replace(/^parley-[^.]*/, 'parley-2031-01-01T000000Z')}.partial`
    await writeFile(join(folder, halfWritten), 'half of it')

    const ofStaging = await take(staging)
    expect(ofStaging).toMatchObject({ removed: [], kept: 1 })
    expect(readdirSync(folder)).toContain(halfWritten)
    const ofProduction = await take(production)
    expect(ofProduction).toMatchObject({ removed: [before.name], kept: 1 })
    expect(JSON.parse((await parley(staging, 'drill', '--json')).stdout).name).toBe(ofStaging.name)

    // Where there is neither, somebody has to say which.
    const fresh = await place()
    const refused = await parley(fresh, 'restore')
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toContain(`There are backups of 2 databases in ${folder}`)
    for (const { name } of [ofStaging, ofProduction])
      expect(refused.stderr).toMatch(new RegExp(`${name} \\(\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC\\)`))
    expect(await parley(fresh, 'restore', ofStaging.name)).toMatchObject({ code: 0, stderr: '' })

    const markOf = ({ options }: EmptyPlace) =>
      query<{ holder: string }>(options, "select holder from leases where name = 'backup.restored'")
    expect(await markOf(production)).toEqual([])
    expect(await markOf(staging)).toEqual([{ holder: parseName(ofStaging.name)?.installation }])
    expect(await markOf(fresh)).not.toEqual(await markOf(staging))
    expect(await markOf(fresh)).toHaveLength(1)

    // What is not its own is told by the list, and goes when it is told to.
    const { backups } = JSON.parse((await parley(staging, 'backup', 'list', '--json')).stdout)
    const owned = backups.map(({ name, own }: { name: string; own: boolean }) => [name, own])
    expect(Object.fromEntries(owned)).toEqual({ [ofStaging.name]: true, [ofProduction.name]: false })
    const { stdout: list } = await parley(staging, 'backup', 'list')
    expect(list.split('\n').filter((line) => line.includes('not of the database that is here'))).toEqual([
      expect.stringContaining(ofProduction.name),
    ])
    const remove = (...names: string[]) => parley(staging, 'backup', 'remove', ...names)
    for (const names of [[], [ofProduction.name, 'not-there'], [ofProduction.name, ofStaging.name]])
      expect((await remove(...names)).code).toBe(names.length === 0 ? 2 : 1)
    expect(readdirSync(folder)).toContain(ofProduction.name)
    expect(await remove(ofProduction.name)).toMatchObject({
      code: 0,
      stdout: `Removed ${ofProduction.name}\n`,
      stderr: '',
    })
    expect(readdirSync(folder).filter((name) => parseName(name))).toEqual([ofStaging.name])
  },
)
