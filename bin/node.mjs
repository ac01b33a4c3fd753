#!/usr/bin/env node
// Runs a script under the Node that Parley needs: node bin/node.mjs SCRIPT ARGUMENTS
import { become } from './become.mjs'
import { prepare } from './prepare.mjs'
import { report } from './prepare/failure.mjs'

try {
  const { node, env } = await prepare({ pages: false })
  become(node, process.argv.slice(2), env)
} catch (error) {
  report(error)
  process.exitCode = 1
}
