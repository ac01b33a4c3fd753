import { parseArgs } from 'node:util'
import { goodTokens } from './behaviour.ts'
import { createFakeModels } from './server.ts'

/**
 * The fake models as a process of their own, for benchmarks and for trying Parley by hand:
 * `node test/fakes/model/run.ts --port 4010 --tokens 50 --first-token-ms 200 --token-ms 10`
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '4010' },
    tokens: { type: 'string', default: '4' },
    'first-token-ms': { type: 'string', default: '0' },
    'token-ms': { type: 'string', default: '0' },
  },
})

const count = Number(values.tokens)
const fake = await createFakeModels({ port: Number(values.port) })
fake.always({
  tokens: Array.from({ length: count }, (_, index) => goodTokens[index % goodTokens.length] ?? ''),
  usage: { input: 20, output: count, cached: 0 },
  firstTokenMs: Number(values['first-token-ms']),
  tokenMs: Number(values['token-ms']),
})
process.stdout.write(`${fake.origin}\n`)
process.once('SIGTERM', () => void fake.close())
