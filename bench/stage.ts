import { type Model, startModel } from './peers/model.ts'
import { createServings, type Servings } from './peers/servings.ts'
import type { People } from './peers/people.ts'
import { startTelegram } from './peers/telegram.ts'
import { openWebhook, type Webhook } from './peers/webhook.ts'
import { subjectCore } from './processes/cores.ts'
import { type Running, type StartOptions, startSubject } from './subjects/running.ts'
import { secret, type Subject } from './subjects/subject.ts'

/** A subject on its core with everybody it talks to. */
export interface Stage {
  subject: Running
  model: Model
  webhook: Webhook
  /** How the model answered each message. */
  served: Servings
  /** Who is told of the messages the subject sends. */
  listen(people: Pick<People, 'heard'>): void
  stop(): Promise<void>
}

export async function openStage(
  subject: Subject,
  options: Omit<StartOptions, 'core' | 'telegram' | 'model'> = {},
): Promise<Stage> {
  let audience: Pick<People, 'heard'> | undefined
  let webhookUrl = ''
  const served = createServings()
  const model = await startModel(served.add)
  const telegram = await startTelegram(
    () => webhookUrl,
    (chat) => audience?.heard(chat),
  )
  const close = (): void => {
    model.close()
    telegram.close()
  }
  try {
    const running = await startSubject(subject, {
      core: subjectCore,
      telegram: origin(telegram.port),
      model: origin(model.port),
      ...options,
    })
    webhookUrl = `${origin(running.ports[0])}/webhook/telegram`
    const webhook = openWebhook(running.ports, secret)
    return {
      subject: running,
      model,
      webhook,
      served,
      listen(people) {
        audience = people
      },
      async stop() {
        webhook.close()
        await running.stop()
        close()
      },
    }
  } catch (error) {
    close()
    throw error
  }
}

export const origin = (port = 0): string => `http://127.0.0.1:${port}`
