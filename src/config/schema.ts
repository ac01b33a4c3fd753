import { z } from 'zod'
import { oneOf, text, timeZone } from './kinds.ts'
import { alertsSchema } from './schema/alerts.ts'
import { backupSchema } from './schema/backup.ts'
import { botSchema } from './schema/bot.ts'
import { limitsSchema } from './schema/limits.ts'
import { retentionSchema } from './schema/retention.ts'
import { databaseSchema, logSchema, redisSchema, serverSchema, webSchema } from './schema/server.ts'
import { telegramSchema } from './schema/telegram.ts'
import { deliverySchema, modelsSchema, pipelineSchema } from './schema/work.ts'

/**
 * The shape of parley.yaml. Every setting has a default; unknown ones are refused. Names are `snake_case`,
 * durations and sizes carry their unit, texts for people may be one or one for each language:
 *
 * ```yaml
 * bot:
 *   name: Acme
 *   tagline: { en: "Ask us anything", ru: "Спросите нас" }
 *   persona: You answer for Acme, briefly and kindly.   # the model's system prompt
 *   languages: [en, ru]                                 # the first is the default
 *   welcome:
 *     text: { en: "Hello!", ru: "Здравствуйте!" }
 *     buttons:
 *       - { label: { en: "Services", ru: "Услуги" }, action: /services }
 *   commands:
 *     - command: services
 *       description: { en: "What we do", ru: "Что мы делаем" }
 *       text: { en: "We build **software**.", ru: "Мы делаем **программы**." }
 *       buttons: []
 *   faq: faq.yaml                                       # relative to this file
 *   admins: ["telegram:123456789"]
 * telegram:
 *   triggers: [acme]
 * web:
 *   origins: [https://www.acme.example]
 * models:
 *   timeout: 30s
 * ```
 */
export const fileSchema = z.strictObject({
  environment: oneOf('development', 'staging', 'production')
    .default('development')
    .describe('Staging and production refuse weak secrets.'),
  data_dir: text(1000)
    .default('./data')
    .describe('Folder of the embedded database and the generated secret key, relative to parley.yaml.'),
  timezone: timeZone().default('UTC').describe('Whose calendar days and hours count for budgets and limits.'),
  bot: botSchema,
  telegram: telegramSchema,
  web: webSchema,
  models: modelsSchema,
  limits: limitsSchema,
  retention: retentionSchema,
  alerts: alertsSchema,
  backup: backupSchema,
  server: serverSchema,
  log: logSchema,
  database: databaseSchema,
  redis: redisSchema,
  delivery: deliverySchema,
  pipeline: pipelineSchema,
})

/** parley.yaml with the environment over it, checked and complete. */
export type Settings = z.output<typeof fileSchema>
