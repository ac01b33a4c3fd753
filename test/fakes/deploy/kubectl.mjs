#!/usr/bin/env node
// A cluster of one file (FAKE_CLUSTER): keeps workloads, refuses what kubectl refuses, and calls an image with `bad` in its
// tag one that never gets ready. `kustomize` is the real one.
import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'

const file = process.env.FAKE_CLUSTER
const [verb, ...args] = process.argv.slice(2)
const cluster = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
const option = (name) => args[args.indexOf(name) + 1]
const input = () => readFileSync(0, 'utf8')
const save = () => writeFileSync(file, JSON.stringify(cluster))
appendFileSync(`${file}.log`, `${[verb, ...args].join(' ')}\n`)

const fail = (message) => {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
const find = (name) => cluster[name] ?? fail(`Error from server (NotFound): ${name}`)

const verbs = {
  kustomize() {
    const [program, command] = process.env.REAL_KUSTOMIZE.split(' ')
    process.stdout.write(execFileSync(program, [command, args[0]]))
  },
  get() {
    const items = Object.values(cluster).filter(
      ({ metadata }) =>
        metadata.namespace === option('-n') && metadata.labels['app.kubernetes.io/name'] === 'parley',
    )
    if (items.length > 0) process.stdout.write(JSON.stringify({ items }))
  },
  apply() {
    for (const text of input().split('\n---\n')) {
      const each = JSON.parse(text)
      if (['Deployment', 'StatefulSet'].includes(each.kind))
        cluster[`${each.kind.toLowerCase()}/${each.metadata.name}`] = each
    }
    save()
  },
  patch() {
    const [{ op, path, value }] = JSON.parse(input())
    if (op !== 'replace' || path !== '/spec/template') fail('unexpected patch')
    find(args[0]).spec.template = value
    save()
  },
  rollout() {
    const { image } = find(args[1]).spec.template.spec.containers[0]
    if (image.includes('bad')) fail(`error: timed out waiting for the condition (${image})`)
  },
}
if (!(verb in verbs)) fail(`unexpected: kubectl ${verb}`)
verbs[verb]()
