import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { createFakeMail, type FakeMail } from '../fakes/mail/server.ts'
import { untilReady } from './process.ts'
import { findProgram } from './run/next-release.ts'
import { freePort } from './servers/server.ts'

/** An alert as Alertmanager posts it. */
export interface PostedAlert {
  status: 'firing' | 'resolved'
  labels: Record<string, string>
  annotations: Record<string, string>
}

/** Prometheus and Alertmanager with the product's own files, in haste. */
export interface Watchers {
  /** Values of an instant query. */
  query(expr: string): Promise<number[]>
  /** What the webhook got, and with which `authorization`. */
  posted: { alert: PostedAlert; authorization: string | undefined }[]
  /** What was mailed. */
  mails: readonly string[]
  stop(): Promise<void>
}

const monitoring = join(import.meta.dirname, '../../deploy/monitoring')
export const runbooksAt = 'https://docs.example.com'
const mailPassword = 'mail-of-tests-0123456789'

/** `targets`: host and port of each process. What waits for a minute waits for a second. */
export async function startWatchers(targets: readonly string[]): Promise<Watchers> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-watchers-'))
  const posted: Watchers['posted'] = []
  const webhook = createServer((request, response) => {
    let body = ''
    request.on('data', (bytes: Buffer) => (body += bytes.toString()))
    request.on('end', () => {
      const { alerts } = JSON.parse(body) as { alerts: PostedAlert[] }
      for (const alert of alerts) posted.push({ alert, authorization: request.headers.authorization })
      response.end()
    })
  })
  await new Promise<void>((resolve) => webhook.listen(0, '127.0.0.1', resolve))
  const mail = await createFakeMail(mailPassword)
  const hook = `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/`
  const [prometheus, alertmanager] = [await freePort(), await freePort()]
  writePrometheus(folder, targets, alertmanager)
  writeAlertmanager(folder, hook, mail)
  const children = [
    run('prometheus-alertmanager', folder, [
      '--config.file=alertmanager/alertmanager.yml',
      '--storage.path=alerts',
      `--web.listen-address=127.0.0.1:${alertmanager}`,
      '--cluster.listen-address=',
    ]),
    run('prometheus', folder, [
      '--config.file=prometheus.yml',
      '--storage.tsdb.path=data',
      // As Prometheus 3, which is in the image, does by itself.
      '--enable-feature=expand-external-labels',
      `--web.listen-address=127.0.0.1:${prometheus}`,
    ]),
  ]
  const at = `http://127.0.0.1:${prometheus}`
  for (const address of [at, `http://127.0.0.1:${alertmanager}`]) await untilReady(`${address}/-/ready`)
  return {
    posted,
    mails: mail.mails,
    async query(expr) {
      const response = await fetch(`${at}/api/v1/query`, {
        method: 'POST',
        body: new URLSearchParams({ query: expr }),
      })
      const { data, error } = (await response.json()) as {
        data?: { result: { value: [number, string] }[] }
        error?: string
      }
      if (!data) throw new Error(`${expr}: ${error}`)
      return data.result.map(({ value }) => Number(value[1]))
    },
    async stop() {
      await Promise.all(children.map(ended))
      await mail.close()
      webhook.closeAllConnections()
      await new Promise((resolve) => webhook.close(resolve))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function writePrometheus(folder: string, targets: readonly string[], alertmanager: number): void {
  const config = parse(readFileSync(join(monitoring, 'prometheus/prometheus.yml'), 'utf8')) as {
    global: object
  }
  const rules = readFileSync(join(monitoring, 'prometheus/rules/parley.yml'), 'utf8')
  mkdirSync(join(folder, 'rules'))
  writeFileSync(join(folder, 'rules/parley.yml'), rules.replaceAll('for: 1m\n', 'for: 1s\n'))
  writeFileSync(
    join(folder, 'prometheus.yml'),
    JSON.stringify({
      ...config,
      global: {
        ...config.global,
        scrape_interval: '1s',
        scrape_timeout: '1s',
        evaluation_interval: '1s',
      },
      alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${alertmanager}`] }] }] },
      scrape_configs: [{ job_name: 'parley', static_configs: [{ targets }] }],
    }),
  )
}

/** The file as it is, but for where it lies and writes to, and how long it waits. A mail server on loopback has no certificate. */
function writeAlertmanager(folder: string, hook: string, { address }: FakeMail): void {
  const own = join(folder, 'alertmanager')
  cpSync(join(monitoring, 'alertmanager'), own, { recursive: true })
  mkdirSync(join(own, 'secrets'))
  writeFileSync(join(own, 'secrets/webhook-token'), 'token-of-the-webhook\n')
  writeFileSync(join(own, 'secrets/smtp-password'), mailPassword)
  const text = readFileSync(join(own, 'alertmanager.yml'), 'utf8')
    .replace('mail.example.com:587', `${address}\n  smtp_require_tls: false`)
    .replaceAll('/etc/alertmanager', own)
    .replace(/https:\/\/alerts\.example\.com\/parley/, hook)
    .replaceAll(/group_(wait|interval): \w+/g, 'group_$1: 500ms')
  writeFileSync(join(own, 'alertmanager.yml'), text)
}

function run(name: string, cwd: string, args: string[]): ChildProcess {
  const path = findProgram(name, name === 'prometheus' ? 'PROMETHEUS_PATH' : 'ALERTMANAGER_PATH')
  if (path === undefined) throw new Error(`There is no ${name}: run npm test, or install it`)
  return spawn(path, args, { cwd, stdio: 'ignore', env: { ...process.env, RUNBOOKS: runbooksAt } })
}

const ended = (child: ChildProcess): Promise<unknown> => {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  child.kill('SIGKILL')
  return new Promise((resolve) => child.once('close', resolve))
}
