/** The least a bot can do, to measure against: webhook in, model asked, reply out; nothing is stored, checked or retried. */
import { port } from './arguments.ts'
import { answer, type BareUpdate } from './bare-answer.ts'
import { listen } from './receive.ts'

listen(port, async (update: BareUpdate) => void answer(update))
