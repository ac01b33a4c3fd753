#!/usr/bin/env node
// Every check and test: node bin/test.mjs [--fast | --long | --crash [OPTIONS] | --drill [OPTIONS]]
import { join } from 'node:path'
import { become } from './become.mjs'
import { prepare } from './prepare.mjs'
import { report } from './prepare/failure.mjs'
import { root } from './prepare/paths.mjs'

const args = process.argv.slice(2)

try {
  process.chdir(root)
  const { node, env } = await prepare({ pages: true })
  become(node, [join('test', 'support', 'run', 'main.ts'), ...args], env)
} catch (error) {
  report(error)
  process.stdout.write('0 passed, 1 failed\n')
  process.exitCode = 1
}
