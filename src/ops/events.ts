import { type Clock, systemClock } from '../model/time.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import { type AlertEvents, createAlertEvents } from './events/alert.ts'
import { type BudgetEvents, createBudgetEvents } from './events/budget.ts'
import { type BackupEvents, createBackupEvents } from './events/backup.ts'
import { createDeliveryEvents, type DeliveryEvents } from './events/delivery.ts'
import { createEdgeEvents, type EdgeEvents } from './events/edge.ts'
import { createModelEvents, type ModelEvents } from './events/model.ts'
import { createOutage } from './events/outage.ts'
import { createRetentionEvents, type RetentionEvents } from './events/retention.ts'
import { createTurnEvents, type TurnEvents } from './events/turn.ts'

/**
 * What happens in the business, one function each: the log line and the counter together, so that neither is
 * forgotten. Ids go into the log and never into a label; what a person wrote goes into neither. What succeeds
 * thousands of times a minute is logged at debug only.
 */
export interface Events
  extends TurnEvents,
    ModelEvents,
    DeliveryEvents,
    EdgeEvents,
    BudgetEvents,
    RetentionEvents,
    AlertEvents,
    BackupEvents {}

interface EventNeeds {
  log: Log
  metrics: Metrics
  clock?: Clock
}

export function createEvents({ log, metrics, clock = systemClock }: EventNeeds): Events {
  const needs = { log, metrics, outage: createOutage({ log, clock }) }
  return {
    ...createTurnEvents(needs),
    ...createModelEvents(needs),
    ...createDeliveryEvents(needs),
    ...createEdgeEvents(needs),
    ...createBudgetEvents(needs),
    ...createRetentionEvents(needs),
    ...createAlertEvents(needs),
    ...createBackupEvents(needs),
  }
}
