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
    // Pods end as soon as nobody wants them.
    if (args[0] === 'pods')
      return process.stdout.write(
        Object.keys(cluster)
          .filter((name) => cluster[name].spec.replicas > 0)
          .map((name) => `pod/${name}\n`)
          .join(''),
      )
    if (args[0] === 'job') {
      const { spec } = cluster[`job/${args[1]}`]
      const isRefused = spec.template.spec.containers[0].args.includes('damaged')
      return process.stdout.write(JSON.stringify({ status: isRefused ? { failed: 1 } : { succeeded: 1 } }))
    }
    const items = Object.values(cluster).filter(
      ({ kind, metadata }) =>
        args[0].split(',').includes(kind.toLowerCase()) &&
        metadata.namespace === option('-n') &&
        metadata.labels['app.kubernetes.io/name'] === 'parley',
    )
    if (items.length > 0 || !args.includes('--ignore-not-found'))
      process.stdout.write(JSON.stringify({ items }))
  },
  apply() {
    const given = JSON.parse(input())
    for (const each of given.kind === 'List' ? given.items : [given]) {
      if (['Deployment', 'StatefulSet', 'CronJob', 'Job'].includes(each.kind))
        cluster[`${each.kind.toLowerCase()}/${each.metadata.name}`] = each
    }
    save()
  },
  create() {
    const { jobTemplate } = find('cronjob/parley-backup').spec
    const metadata = { name: args[1], namespace: option('-n') }
    process.stdout.write(JSON.stringify({ apiVersion: 'batch/v1', kind: 'Job', metadata, ...jobTemplate }))
  },
  annotate() {
    const [key, value] = args.find((word) => word.includes('=')).split('=')
    find(args[0]).metadata.annotations = { ...find(args[0]).metadata.annotations, [key]: value }
    save()
  },
  scale() {
    find(args[0]).spec.replicas = Number(args[1].split('=')[1])
    save()
  },
  logs: () => process.stdout.write(`logs of ${args[0].split('-')[0]}\n`),
  patch() {
    const [{ op, path, value }] = JSON.parse(input())
    const key = args[0].startsWith('cronjob/') ? 'jobTemplate' : 'template'
    if (op !== 'replace' || path !== `/spec/${key}`) fail('unexpected patch')
    find(args[0]).spec[key] = value
    save()
  },
  rollout() {
    const { image } = find(args[1]).spec.template.spec.containers[0]
    if (image.includes('bad')) fail(`error: timed out waiting for the condition (${image})`)
  },
}
if (!(verb in verbs)) fail(`unexpected: kubectl ${verb}`)
verbs[verb]()
