#!/usr/bin/env node
// Makes an installation ready, so that it starts where it cannot write its own folder: npm run ready
import { prepare } from './prepare.mjs'
import { report, say } from './prepare/failure.mjs'

try {
  await prepare({ pages: true })
  say('Ready: Node, packages and pages are there.')
} catch (error) {
  report(error)
  process.exitCode = 1
}
