import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const documents = [
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join('docs', path)),
  ...readdirSync(root).filter((path) => path.endsWith('.md')),
]

/** Headings of a page as GitHub makes anchors of them. */
const anchorsOf = (page: string): string[] =>
  [...page.replaceAll(/^```[^]*?^```$/gm, '').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )

test.each(documents)('%s: what it links to is there', (path) => {
  for (const [, link = ''] of read(path)
    .replaceAll(/^```[^]*?^```$/gm, '')
    .matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(link)) continue
    const [file = '', anchor] = link.split('#')
    const target = file === '' ? path : normalize(join(dirname(path), file))
    expect([link, existsSync(join(root, target))]).toEqual([link, true])
    if (anchor !== undefined) expect(anchorsOf(read(target)), link).toContain(anchor)
  }
})

const secrets: [what: string, pattern: RegExp][] = [
  ['a bot token', /\b\d{6,12}:[\w-]{35}\b/],
  ['the key of a model', /\b(?:sk|ak|xai|gsk)[-_][\w-]{20,}|\bAIza[\w-]{30,}/],
  ['a key of Amazon', /\bAKIA[A-Z0-9]{16}\b/],
  ['a password in an address', /\w:\/\/[^\s:/@]*:(?!password@|[A-Z_]+@|\$)[^\s:/@…]{4,}@/],
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY/],
]

test('no document shows a secret', () => {
  for (const path of documents)
    for (const [what, pattern] of secrets)
      expect([path, what, pattern.exec(read(path))?.[0]]).toEqual([path, what, undefined])
})

test.each([
  ['a bot token', `123456789:${'AAbbCCddEE'.repeat(3)}ffggh`],
  ['the key of a model', `sk-${'a1b2'.repeat(6)}`],
  ['a key of Amazon', `AKIA${'ABCD'.repeat(4)}`],
  ['a password in an address', 'postgres://parley:hunter22@db.acme.com/parley'],
  ['a private key', `-----BEGIN ${'RSA PRIVATE'} KEY-----`],
])('%s would be found', (what, text) => {
  expect(secrets.filter(([, pattern]) => pattern.test(text)).map(([name]) => name)).toEqual([what])
})

/** A value that is yours, before a command or in `export`: the shell's history keeps it. */
const typedSecret =
  /\b[A-Z_]*(?:TOKEN|KEY|SECRET|PASSWORD|PASSPHRASE|_URL)=[^\s$`]*…[^\s`]*(?=[^`\n]* npm )|export [^`\n]*(?:KEY|_URL)=/

test('no document has a secret typed into a command', () => {
  for (const path of documents) expect([path, typedSecret.exec(read(path))?.[0]]).toEqual([path, undefined])
  for (const wrong of [
    'TELEGRAM_BOT_TOKEN=123456789:… npm start',
    'DATABASE_URL=postgres://parley:…@db/parley npm start',
    'export REDIS_URL=redis://… SECRET_KEY=…',
  ])
    expect([wrong, typedSecret.test(wrong)]).toEqual([wrong, true])
})

const settingsIn = (page: string): string[] =>
  [...page.matchAll(/^ *```(?:ini|env|dotenv)\n([^]*?)^ *```$/gm)].map(([, text = '']) => text)
/** Compose takes such a comment off, to systemd and to `kubectl --from-env-file` it is part of the value. */
const commentBehind = /^#?[A-Z][A-Z\d_]*=.*[ \t]#.*$/m

test('no setting has a comment behind its value', () => {
  const files = globSync('deploy/**/*.env', { cwd: root })
  expect(files.length).toBeGreaterThanOrEqual(3)
  for (const path of [...documents, ...files]) {
    const texts = path.endsWith('.md') ? settingsIn(read(path)) : [read(path)]
    for (const text of texts) expect([path, commentBehind.exec(text)?.[0]]).toEqual([path, undefined])
  }
  const [wrong = ''] = settingsIn('```ini\nKEY_FILE=/etc/parley/secrets/KEY   # or KEY\n```\n')
  expect(commentBehind.test(wrong)).toBe(true)
})

describe('incidents', () => {
  const page = read('docs/operations/incidents.md')
  const incidents = page.split(/^## /m).slice(1)

  test('each of the seven is there', () => {
    expect(incidents).toHaveLength(7)
  })

  test.each(incidents.map((text) => [text.split('\n', 1)[0] ?? '', text]))(
    '%s: shown by tests there are',
    (_, text) => {
      const shown = [...text.matchAll(/^- ((?:test|src)\/\S+) › (.+)$/gm)]
      expect(shown.length).toBeGreaterThanOrEqual(3)
      for (const [, file = '', title = ''] of shown) {
        expect([file, existsSync(join(root, file))]).toEqual([file, true])
        expect([title, read(file).includes(title)]).toEqual([title, true])
      }
    },
  )
})
