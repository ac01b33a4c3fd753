#!/usr/bin/env node
// The one command: prepares what is missing, then becomes Parley.
import { join } from 'node:path'
import { become } from './become.mjs'
import { prepare, requireStart } from './prepare.mjs'
import { report } from './prepare/failure.mjs'
import { root } from './prepare/paths.mjs'

/**
 * Two threads that collect garbage and compile: four would crowd out the program on a small machine (src/ops/memory.ts). Room
 * for what turns under way hold, in megabytes: with half of it more of that is taken for old, and all of the heap is collected
 * more often; it may grow by half before that, whatever V8 makes of the load.
 */
const engine = ['--v8-pool-size=2', '--max-semi-space-size=32', '--heap-growing-percent=50']
const args = process.argv.slice(2)
const asksForHelp = args.some((argument) => argument === '--help' || argument === '-h')

try {
  const { node, env } = await prepare({ pages: args[0] === 'start' && !asksForHelp })
  if (args[0] === 'doctor' && !asksForHelp) requireStart()
  become(node, [...engine, join(root, 'src', 'main.ts'), ...args], env)
} catch (error) {
  report(error)
  process.exitCode = 1
}
