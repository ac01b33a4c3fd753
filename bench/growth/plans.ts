import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import pg from 'pg'
import { z } from 'zod'
import { type Plan, type PlanNode, postgresPlan, sqlitePlan } from './plan.ts'

/** Settings of a PostgreSQL whose plans can be logged later. */
export const loggingSettings: Record<string, string> = {
  shared_preload_libraries: 'auto_explain',
  'auto_explain.log_format': 'json',
  logging_collector: 'on',
  log_directory: 'log',
  log_filename: 'plans.log',
}

/** Logs the plan of every statement from now on (https://www.postgresql.org/docs/current/auto-explain.html). */
export async function logPlans(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(`alter system set auto_explain.log_min_duration = '0'`)
  await client.query('select pg_reload_conf()')
  await client.end()
}

const logged = z.object({ 'Query Text': z.string(), Plan: z.custom<PlanNode>() })

/** The plans logged so far, one for each statement and way to run it; `folder` is that of the cluster. */
export function postgresPlans(folder: string): Plan[] {
  const entries = readFileSync(join(folder, 'log', 'plans.log'), 'utf8').split(/^\S.*? plan:$/m)
  const plans = entries.flatMap((entry) => {
    const json = /^\s*\{[\s\S]*?^\t\}/m.exec(entry)?.[0]
    if (json === undefined) return []
    const { 'Query Text': text, Plan: root } = logged.parse(JSON.parse(json.replaceAll('\n\t', '\n')))
    return [postgresPlan(text, root)]
  })
  return unique(plans)
}

/** The plans of the statements that Parley prepared, as `trace-sqlite.ts` left them in its folder. */
export function sqlitePlans(folder: string): Plan[] {
  const texts = z.array(z.string()).parse(JSON.parse(readFileSync(join(folder, 'statements.json'), 'utf8')))
  const db = new BetterSqlite3(join(folder, 'parley.db'))
  const explained = texts.filter((text) => /^\s*(select|insert|update|delete|with)\b/i.test(text))
  const plans = explained.map((text) => {
    const values = Array.from({ length: text.split('?').length - 1 }, () => null)
    const rows = db.prepare<unknown[], { detail: string }>(`explain query plan ${text}`).all(...values)
    return sqlitePlan(
      text,
      rows.map(({ detail }) => detail),
    )
  })
  db.close()
  return unique(plans)
}

function unique(plans: Plan[]): Plan[] {
  return [...new Map(plans.map((plan) => [`${plan.statement} ${plan.reads.join()}`, plan])).values()].filter(
    ({ reads }) => reads.length > 0,
  )
}
