import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { keptData, otherData } from '../../src/app/backup/contents.ts'
import { provenFor } from '../../src/store/store.ts'
import { createMigrations, type DatabaseOptions } from '../../src/store/open.ts'
import { bootApp, type TestApp } from '../support/app.ts'
import {
  createEmptyPlace,
  createHome,
  type EmptyPlace,
  environmentOf,
  runCommand,
} from '../support/backup-command.ts'
import { nextSchema } from '../support/next-schema.ts'
import { query } from '../support/sql.ts'
import { createDatabase, databaseKinds } from '../support/stores.ts'

const agencyFaq = join(import.meta.dirname, '../../examples/agency/faq.yaml')
const passphrase = { BACKUP_PASSPHRASE: 'a fake passphrase of tests' }

describe.each(databaseKinds)('restoring on %s', (kind) => {
  let source: Awaited<ReturnType<typeof createDatabase>>
  let booted: TestApp
  let folder: string
  let file: string
  const undo: (() => Promise<void>)[] = []

  beforeAll(async () => {
    source = await createDatabase(kind)
    booted = await bootApp({ env: environmentOf(source.options) })
    await booted.app.call('/help', () => undefined)
    const { stdout } = await runCommand(
      booted.config.home,
      ['backup', '--json'],
      environmentOf(source.options),
    )
    folder = join(booted.config.home, 'data/backups')
    file = join(folder, JSON.parse(stdout).name)
  })
  afterEach(async () => {
    for (const work of undo.splice(0)) await work()
  })
  afterAll(async () => {
    await booted.close()
    await source.drop()
  })

  async function emptyPlace(): Promise<EmptyPlace> {
    const place = await createEmptyPlace(kind)
    undo.push(place.remove)
    return place
  }

  const messagesIn = async (options: DatabaseOptions): Promise<number> => {
    const [found] = await query<{ count: unknown }>(options, 'select count(*) as count from messages')
    return Number(found?.count)
  }

  const proofIn = async (options: DatabaseOptions): Promise<number | undefined> => {
    const [proof] = await query<{ until: unknown }>(
      options,
      "select until from leases where name = 'backup.proven'",
    )
    return proof && Number(proof.until) - provenFor
  }

  test('into an empty place: it answers there, with the key its visitors know', async () => {
    const { home, options, env } = await emptyPlace()
    const { code, stdout, stderr } = await runCommand(home, ['restore', file], env)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('2 messages')
    expect(stdout).toContain('What was written since is lost. What waited at that moment:\n  nothing')
    expect(stdout).toContain(
      'If the server it was taken from still runs, do not start this one with its tokens',
    )
    expect(stdout).toMatch(
      kind === 'postgres'
        ? /Next: .* start, and each .*\(parley@8001\), then /
        : /Next: .* start, then .* doctor/,
    )
    expect(readFileSync(join(home, 'data/secret.key'))).toEqual(
      readFileSync(join(booted.config.home, 'data/secret.key')),
    )
    expect(await messagesIn(options)).toBe(2)
    // That file may be the only copy: no backup in its place is not told to be one.
    expect(await proofIn(options)).toBeUndefined()
    const { code: answered } = await runCommand(home, ['call', '/help'], env)
    expect(answered).toBe(0)
    expect(readdirSync(join(home, 'data')).filter((name) => name.startsWith('.'))).toEqual([])
  })

  test('out of the place of backups: it is known there as proven, though taken before it was', async () => {
    const { home, options, env } = await emptyPlace()
    const { stdout } = await runCommand(home, ['restore'], { ...env, BACKUP_DIR: folder })
    const takenAt = /as of (\S+)/.exec(stdout)?.[1] ?? ''
    expect(await proofIn(options)).toBe(Date.parse(takenAt))
  })

  test('where a server was started by mistake and nobody wrote: what it made is kept aside', async () => {
    const { home, options, env } = await emptyPlace()
    await runCommand(home, ['migrate', 'up'], env)
    const { code, stdout } = await runCommand(home, ['restore', file], env)
    expect(code).toBe(0)
    expect(stdout).toContain('What was there is kept:')
    expect(await messagesIn(options)).toBe(2)
  })

  test('where people have written: refused, and with --force kept aside', async () => {
    const { home, options, env } = await emptyPlace()
    for (let count = 0; count < 3; count += 1) await runCommand(home, ['call', '/help'], env)
    const refused = await runCommand(home, ['restore', file], env)
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toContain('people have written to it (BACKUP_REFUSED)\n→ nothing was touched')
    expect(await messagesIn(options)).toBe(6)
    const [, again = ''] = /in its place: npm run parley -- (restore --force .*)/.exec(refused.stderr) ?? []
    const forced = await runCommand(home, [...again.split(' '), '--json'], env)
    expect(forced).toMatchObject({ code: 0, stderr: '' })
    const { aside } = JSON.parse(forced.stdout)
    expect(await messagesIn(options)).toBe(2)
    const [old] = aside
    // To the millisecond: two restores in one second keep both.
    expect(old).toMatch(/before[-_]\d{4}([-_]\d\d){2}t\d{9}z/i)
    if (options.kind === 'sqlite') expect(await messagesIn({ kind: 'sqlite', path: old })).toBe(6)
    else {
      const schema = /^the schema (\w+)/.exec(old)?.[1]
      expect(await query(options, `select 1 from ${schema}.messages`)).toHaveLength(6)
    }
    expect(aside).toContainEqual(expect.stringContaining('secret.key.before-'))
  })

  test('onto a running server: refused, whatever is given', async () => {
    const env = environmentOf(source.options)
    const refused = await runCommand(booted.config.home, ['restore', '--force'], env)
    expect(refused.stderr).toContain("systemctl stop parley 'parley@*'")
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toMatch(/A server runs on .*\(BACKUP_REFUSED\)\n→ stop it first/)
    expect((await booted.app.call('/help', () => undefined)).replies).toHaveLength(1)
  })

  test('a damaged one: nothing is touched, not even an empty place', async () => {
    const { home, options, env } = await emptyPlace()
    const bytes = await readFile(file)
    const bad = join(home, 'parley-bad.tar.gz')
    for (const at of [3, 8, Math.floor(bytes.length / 2), bytes.length - 4]) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      await writeFile(bad, changed)
      const refused = await runCommand(home, ['restore', bad], env)
      expect(refused, `byte ${at}`).toMatchObject({ code: 1, stdout: '' })
      expect(refused.stderr).toContain('The backup is damaged')
    }
    if (options.kind === 'sqlite') expect(existsSync(options.path)).toBe(false)
    else
      expect(await query(options, 'select 1 from pg_tables where schemaname = current_schema()')).toEqual([])
    expect(existsSync(join(home, 'data/secret.key'))).toBe(false)
  })

  test('taken after a newer version was taken back, which left the schema expanded', async () => {
    const { home, options, env } = await emptyPlace()
    await runCommand(home, ['restore', file], env)
    const migrations = await createMigrations(options, nextSchema)
    await migrations.up()
    await migrations.close()
    const { stdout } = await runCommand(home, ['backup', '--json'], env)
    const taken = join(home, 'data/backups', JSON.parse(stdout).name)
    const place = await emptyPlace()
    expect((await runCommand(place.home, ['restore', taken], place.env)).stderr).toBe('')
    expect(await messagesIn(place.options)).toBe(2)
  })

  test('a database of a newer version is not backed up, as nothing here could be asked', async () => {
    const { home, env } = await emptyPlace()
    const newer = await createDatabase(kind)
    undo.push(newer.drop)
    const other = await createHome()
    undo.push(other.remove)
    const there = environmentOf(newer.options)
    await runCommand(other.home, ['restore', file], there)
    await query(
      newer.options,
      `insert into kysely_migration values ('9999_future', '2030-01-01T00:00:00.000Z')`,
    )
    const notProven = await runCommand(other.home, ['backup'], there)
    expect(notProven).toMatchObject({ code: 1, stdout: '' })
    expect(notProven.stderr).toContain('9999_future')
    expect(existsSync(join(other.home, 'data/backups'))).toBe(false)
    expect(readdirSync(join(other.home, 'data')).filter((name) => name.startsWith('.'))).toEqual([])
    const { code } = await runCommand(home, ['restore', file], env)
    expect(code).toBe(0)
  })

  test('replies that were not sent yet are uncertain afterwards, and the operator is told', async () => {
    const { home, env, options } = await emptyPlace()
    await runCommand(home, ['restore', file], env)
    await query(
      options,
      `update messages set state = case author when 'bot' then 'queued' else 'received' end`,
    )
    await runCommand(home, ['backup'], env)
    const other = await emptyPlace()
    const [name = ''] = await readdir(join(home, 'data/backups'))
    const { stdout } = await runCommand(other.home, ['restore', join(home, 'data/backups', name)], other.env)
    expect(stdout).toContain('1 to answer')
    expect(stdout).toContain('1 reply that may have arrived: it is sent again (delivery.uncertain: resend)')
    const states = await query<{ state: string }>(other.options, 'select state from messages order by seq')
    expect(states.map(({ state }) => state)).toEqual(['received', 'sending'])
  })

  test('two at once: one is taken, the other says why not', async () => {
    const { home, env } = await emptyPlace()
    await runCommand(home, ['restore', file], env)
    const [one, other] = await Promise.all([1, 2].map(() => runCommand(home, ['backup'], env)))
    expect(new Set([one?.code, other?.code])).toEqual(new Set([0, 1]))
    expect(`${one?.stderr}${other?.stderr}`).toContain('Another backup is being taken')
    expect(await readdir(join(home, 'data/backups'))).toHaveLength(1)
  })
})

describe('backups of one installation', () => {
  let booted: TestApp
  const environment = { BACKUP_KEEP: '2' }
  const backup = (args: string[], env: Record<string, string> = {}) =>
    runCommand(booted.config.home, args, { ...environment, ...env })
  const folder = () => join(booted.config.home, 'data/backups')

  beforeAll(async () => {
    booted = await bootApp()
    await booted.app.call('/help', () => undefined)
  })
  afterAll(() => booted.close())

  test('whatever lies in the data folder is in a backup, or known not to belong there', async () => {
    await backup(['backup'])
    const names = readdirSync(booted.config.home + '/data')
    expect(names.length).toBeGreaterThan(3)
    const forgotten = names.filter(
      (name) => !keptData.includes(name) && !otherData.some((pattern) => pattern.test(name)),
    )
    expect(forgotten).toEqual([])
    expect(statSync(folder()).mode & 0o77).toBe(0)
  })

  test('the eighth removes the first, and nothing that is not ours', async () => {
    const stranger = 'parley-2020-01-01T000000Z.ffffffff.tar.gz'
    await mkdir(folder(), { recursive: true })
    await writeFile(join(folder(), stranger), 'of another bot')
    await writeFile(join(folder(), 'notes.txt'), 'of the operator')
    for (let count = 0; count < 3; count += 1) expect(await backup(['backup'])).toMatchObject({ code: 0 })
    const names = await readdir(folder())
    expect(names).toHaveLength(4)
    expect(names).toEqual(expect.arrayContaining([stranger, 'notes.txt']))
    await rm(join(folder(), stranger))
  })

  test('of several bots in one place: its own is meant, and what another can be proves nothing of it', async () => {
    const { home, remove } = await createHome()
    const other = (...args: string[]) => runCommand(home, args, { BACKUP_DIR: folder() })
    await runCommand(home, ['call', '/help'])
    await backup(['backup'])
    const [ours = ''] = (await readdir(folder())).filter((name) => name.endsWith('.gz'))
    const item = async (): Promise<string> => (await other('doctor', '--offline')).stdout
    expect(await other('drill', ours)).toMatchObject({ code: 0, stderr: '' })
    expect(await item()).not.toMatch(/the latest proven one is/)
    const { name } = JSON.parse((await other('backup', '--json')).stdout)
    // Newer by its name only.
    const renamed = ours.replace(/^parley-[^.]*/, 'parley-2031-01-01T000000Z')
    await cp(join(folder(), ours), join(folder(), renamed))
    for (const words of [['drill'], ['restore', '--force']]) {
      const refused = await other(...words, renamed)
      expect(refused).toMatchObject({ code: 1, stdout: '' })
      expect(refused.stderr).toContain(`by its own list it is ${ours}`)
    }
    await rm(join(folder(), renamed))
    expect(JSON.parse((await other('drill', '--json')).stdout).name).toBe(name)
    expect(await item()).toMatch(/the latest proven one is/)
    expect(JSON.parse((await other('restore', '--force', '--json')).stdout).name).toBe(name)
    await remove()
    await rm(join(folder(), name))
  })

  test('with another passphrase, or without, it is not opened; the drill says what is wrong', async () => {
    expect(await backup(['backup'], passphrase)).toMatchObject({ code: 0 })
    expect(await backup(['drill'], passphrase)).toMatchObject({ code: 0 })
    const without = await backup(['drill'])
    expect(without).toMatchObject({ code: 1 })
    expect(without.stderr).toContain('→ set BACKUP_PASSPHRASE')
    const wrong = await backup(['drill'], { BACKUP_PASSPHRASE: 'another fake passphrase' })
    expect(wrong.stderr).toContain('BACKUP_PASSPHRASE does not open the backup (BACKUP_LOCKED)')
    const newest = (await readdir(folder())).filter((name) => name.endsWith('.enc')).at(-1) ?? ''
    expect((await readFile(join(folder(), newest))).includes('SQLite')).toBe(false)
  })

  test('one that is not encrypted is not taken where a passphrase is set, unless that is asked for', async () => {
    expect(await backup(['backup'])).toMatchObject({ code: 0 })
    const plain = (await readdir(folder())).filter((name) => name.endsWith('.gz')).at(-1) ?? ''
    // As whoever may write there and has no passphrase could.
    const forged = 'parley-2099-01-01T000000Z.3f9a1c2b.tar.gz.enc'
    await cp(join(folder(), plain), join(folder(), forged))
    for (const name of [plain, forged]) {
      const refused = await backup(['drill', name], passphrase)
      expect(refused).toMatchObject({ code: 1, stdout: '' })
      expect(refused.stderr).toContain('not encrypted where those of this place are')
    }
    const { home, remove } = await createHome()
    const restore = (...args: string[]) =>
      runCommand(home, ['restore', join(folder(), plain), ...args], passphrase)
    const refused = await restore()
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(/anybody may have written it \(BACKUP_LOCKED\)\n→ .*restore --unencrypted/)
    expect(existsSync(join(home, 'data/parley.db'))).toBe(false)
    expect(await restore('--unencrypted')).toMatchObject({ code: 0, stderr: '' })
    await rm(join(folder(), forged))
    await remove()
  })

  test('on a new machine without anything parley.yaml comes back as well', async () => {
    await backup(['backup'])
    const newest = (await readdir(folder())).filter((name) => name.endsWith('.gz')).at(-1) ?? ''
    const { home, remove } = await createHome()
    await rm(join(home, 'parley.yaml'))
    await cp(join(folder(), newest), join(home, newest))
    const { code, stdout, stderr } = await runCommand(home, ['restore', newest])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`Written as well: ${join(home, 'parley.yaml')}`)
    expect(readFileSync(join(home, 'parley.yaml'), 'utf8')).toBe(
      readFileSync(join(booted.config.home, 'parley.yaml'), 'utf8'),
    )
    expect(existsSync(join(home, 'data/parley.db'))).toBe(true)
    await remove()
  })

  test('also where the environment makes sense only together with it', async () => {
    const { home, remove } = await createHome({
      models: { chain: [{ provider: 'compatible', model: 'made-up' }] },
    })
    const env = { COMPATIBLE_BASE_URL: 'http://127.0.0.1:1/v1' }
    const run = (args: string[], more = {}) => runCommand(home, args, { ...env, ...more })
    await run(['call', '/help'])
    const { name } = JSON.parse((await run(['backup', '--json'])).stdout)
    for (const lost of ['parley.yaml', 'data/parley.db']) await rm(join(home, lost))
    const refused = async (more: Record<string, string>) => {
      const { code, stderr } = await run(['restore'], more)
      expect({ code, restored: existsSync(join(home, 'parley.yaml')) }).toEqual({ code: 2, restored: false })
      return stderr
    }
    expect(await refused({ BACKUP_S3_BUCKET: 'made-up' })).toMatch(
      /^  - BACKUP_S3_BUCKET: found "made-up" without/m,
    )
    expect(await refused({ AI_PROVIDER: 'openai' })).toContain('OPENAI_API_KEY: found nothing')
    const { code, stdout, stderr } = await run(['restore'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`Restored ${name}`)
    expect(stdout).toContain(`Written as well: ${join(home, 'parley.yaml')}\n`)
    await remove()
  })

  test('a parley.yaml that is named and is not there is written to where it was named', async () => {
    await backup(['backup'])
    const newest = (await readdir(folder())).filter((name) => name.endsWith('.gz')).at(-1) ?? ''
    const { home, remove } = await createHome()
    const [named, other] = [join(home, 'etc/parley.yaml'), join(home, 'other')]
    // In the working directory is another bot, with its own backups.
    await mkdir(other)
    await writeFile(join(other, 'parley.yaml'), '{}')
    await runCommand(other, ['call', '/help'])
    expect((await runCommand(other, ['backup'])).code).toBe(0)
    const restore = () => runCommand(other, ['restore', '-c', named])
    const { stderr: none } = await restore()
    expect(none).toContain(
      `There is no backup in ${join(home, 'etc/data/backups')} (BACKUP_FAILED)\n→ name the file`,
    )
    expect(none).not.toMatch(/parley backup|start/)
    await mkdir(join(home, 'etc/kept'), { recursive: true })
    await cp(join(folder(), newest), join(home, 'etc/kept', newest))
    await writeFile(join(home, 'etc/.env'), 'BACKUP_DIR=kept\n')
    const { code, stdout, stderr } = await restore()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`Restored ${newest}`)
    expect(stdout).toContain(`Written as well: ${named}\n`)
    expect(readFileSync(named, 'utf8')).toBe(readFileSync(join(booted.config.home, 'parley.yaml'), 'utf8'))
    expect(existsSync(join(home, 'etc/data/parley.db'))).toBe(true)
    await remove()
  })

  test('a parley.yaml that is other than in the backup stays, and how to have that one is said', async () => {
    const { home, remove } = await createHome({ bot: { name: 'Other' } })
    const newest = (await readdir(folder())).filter((name) => name.endsWith('.gz')).at(-1) ?? ''
    const before = readFileSync(join(home, 'parley.yaml'), 'utf8')
    const { code, stdout } = await runCommand(home, ['restore', join(folder(), newest)])
    expect(code).toBe(0)
    expect(stdout).toContain(`Left as it is, unlike the one in the backup: ${join(home, 'parley.yaml')}\n`)
    expect(stdout).not.toContain('Written as well')
    expect(readFileSync(join(home, 'parley.yaml'), 'utf8')).toBe(before)
    const [, again = ''] = /move it away, then: npm run parley -- (restore .*)/.exec(stdout) ?? []
    await rm(join(home, 'parley.yaml'))
    expect((await runCommand(home, again.split(' '))).stdout).toContain(
      `Written as well: ${join(home, 'parley.yaml')}\n`,
    )
    await remove()
  })

  test('a FAQ that lay elsewhere is beside parley.yaml afterwards, which names it there', async () => {
    const { home, remove } = await createHome()
    const [bot, fresh] = [join(home, 'bots/acme'), join(home, 'fresh')]
    for (const path of [bot, fresh]) await mkdir(path, { recursive: true })
    await cp(agencyFaq, join(home, 'shared.yaml'))
    const settings = (faq: string) => `# ours\nbot:\n  name: Acme\n  faq: ${faq} # all bots\ndata_dir: kept\n`
    await writeFile(join(bot, 'parley.yaml'), settings('../../shared.yaml'))
    await runCommand(bot, ['call', '/help'])
    const { name } = JSON.parse((await runCommand(bot, ['backup', '--json'])).stdout)
    const restored = await runCommand(fresh, ['restore', join(bot, 'kept/backups', name)])
    expect(restored).toMatchObject({ code: 0, stderr: '' })
    expect(readFileSync(join(fresh, 'parley.yaml'), 'utf8')).toBe(settings('"shared.yaml"'))
    expect(readdirSync(fresh).toSorted()).toEqual(['kept', 'parley.yaml', 'shared.yaml'])
    expect((await runCommand(fresh, ['call', 'What do you offer?'])).stdout).toContain('DevOps')
    await remove()
  })

  test('where it is refused nothing is written, no configuration either', async () => {
    const newest = (await readdir(folder())).filter((name) => name.endsWith('.gz')).at(-1) ?? ''
    const { home, remove } = await createHome()
    await rm(join(home, 'parley.yaml'))
    await runCommand(home, ['call', '/help'])
    const before = readdirSync(home, { recursive: true }).map(String).toSorted()
    const refused = await runCommand(home, ['restore', join(folder(), newest)])
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toContain('→ nothing was touched')
    expect(readdirSync(home, { recursive: true }).map(String).toSorted()).toEqual(before)
    await remove()
  })

  test('before there is a database: said so, and none is made', async () => {
    const { home, remove } = await createHome()
    const { code, stderr } = await runCommand(home, ['backup'])
    expect(code).toBe(1)
    expect(stderr).toContain('There is no database at')
    expect(existsSync(join(home, 'data'))).toBe(false)
    await remove()
  })
})
