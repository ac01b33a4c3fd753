import { createMemoryCoordination } from '../../src/coordination/memory/coordination.ts'
import { coordinationSuite } from './coordination.ts'

coordinationSuite('in process', async () => createMemoryCoordination())
