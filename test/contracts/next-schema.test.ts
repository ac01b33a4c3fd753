import { describe } from 'vitest'
import { nextSchema } from '../support/next-schema.ts'
import { databaseKinds } from '../support/stores.ts'
import { storeContract } from './store.ts'

describe.each(databaseKinds)('store on %s, migrated by a newer version', (kind) =>
  storeContract(kind, nextSchema),
)
