import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Certificate {
  key: string
  cert: string
}

export interface Authority {
  /** What whoever is to trust it needs. */
  cert: string
  /** Good from now for `days`; of -1 it has expired. */
  issue(name: string, days: number): Certificate
  close(): void
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

/** An authority of the tests' own; openssl(1) makes its certificates. */
export function createAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'parley-certificates-'))
  const openssl = (...words: string[]): void =>
    void execFileSync('openssl', words, { cwd: folder, stdio: 'pipe' })
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-subj',
    '/O=Tests/CN=tests',
    '-days',
    '30',
  )
  return {
    cert: read('ca.pem'),
    issue(name, days) {
      openssl('req', '-new', ...newKey, '-keyout', 'own.key', '-out', 'own.csr', '-subj', `/CN=${name}`)
      writeFileSync(join(folder, 'names'), `subjectAltName=DNS:${name}`)
      const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names']
      openssl('x509', '-req', '-in', 'own.csr', ...by, '-days', String(days), '-out', 'own.pem')
      return { key: read('own.key'), cert: read('own.pem') }
    },
    close: () => rmSync(folder, { recursive: true }),
  }
}

/** One that nobody issued, as a proxy makes it while it has none; `host`: for which it is good. */
export function selfSigned(name: string, host?: string): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'parley-certificates-'))
  try {
    const files = ['-keyout', join(folder, 'key'), '-out', join(folder, 'cert')]
    const names = ['-subj', `/CN=${name}`, ...(host ? ['-addext', `subjectAltName=DNS:${host}`] : [])]
    execFileSync('openssl', ['req', '-x509', ...newKey, ...files, ...names, '-days', '30'], { stdio: 'pipe' })
    return {
      key: readFileSync(join(folder, 'key'), 'utf8'),
      cert: readFileSync(join(folder, 'cert'), 'utf8'),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
