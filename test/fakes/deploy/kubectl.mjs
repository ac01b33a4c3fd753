#!/usr/bin/env node
// A cluster of one file (FAKE_CLUSTER): keeps what it is given, refuses what kubectl refuses, and calls an image with `bad`
// in its tag one that never gets ready, of one with `facade` it never says how it is. `kustomize` is the real one. FAKE_REFUSED: names
// no patch is taken for, as by a webhook for admission that is away; or `delete`. FAKE_MIGRATION: `fails`, or `works`
// until there is FAKE_CLUSTER.released.
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
/** A job works for a while; one whose argument is `hangs` for ever; one that no node takes does not begin. */
const questions = 1
const isOver = (job) => {
  if (isMigration(job, 'works')) return existsSync(`${file}.released`)
  return (job.polls ?? 0) > questions && !argsOf(job.spec).includes('hangs') && !waitsFor(job)
}
const isMigration = ({ spec }, how) => argsOf(spec)[0] === 'migrate' && process.env.FAKE_MIGRATION === how
/** Why it cannot begin: nobody is there to be beside, or what it needs is not there. */
const waitsFor = ({ spec: { template } }) => {
  const beside = template.spec.affinity?.podAffinity.requiredDuringSchedulingIgnoredDuringExecution ?? []
  const wanted = beside.flatMap(({ labelSelector }) => Object.entries(labelSelector.matchLabels))
  const isBeside = ({ kind, spec }) =>
    kind !== 'Job' &&
    spec?.replicas > 0 &&
    wanted.every(([label, value]) => spec.template.metadata.labels[label] === value)
  const [{ envFrom = [] }] = template.spec.containers
  const needed = [
    ...(template.spec.volumes ?? []).flatMap(({ persistentVolumeClaim, configMap }) => [
      ...(persistentVolumeClaim ? [`persistentvolumeclaim/${persistentVolumeClaim.claimName}`] : []),
      ...(configMap ? [`configmap/${configMap.name}`] : []),
    ]),
    ...envFrom.map(({ configMapRef }) => `configmap/${configMapRef.name}`),
  ]
  const missing = needed.find((each) => !cluster[each])
  if (missing) return `${missing.replace('/', ' "')}" not found`
  return Object.values(cluster).some(isBeside) ? undefined : wanted.length > 0 && podAffinity
}
const podAffinity = "0/3 nodes are available: 3 node(s) didn't match pod affinity rules."
const argsOf = (spec) => spec.template.spec.containers[0].args
const statusOf = (job) => {
  if (waitsFor(job)) return { active: 1, ready: 0, startTime: '2026-11-26T03:30:00Z' }
  if (!isOver(job)) return { active: 1, ready: 1, startTime: '2026-11-26T03:30:00Z' }
  return argsOf(job.spec).includes('damaged') || isMigration(job, 'fails')
    ? { failed: 1, ready: 0 }
    : { succeeded: 1, ready: 0 }
}
const jobs = () => Object.values(cluster).filter(({ kind }) => kind === 'Job')
const nameOf = ({ kind, metadata }) => `${kind.toLowerCase()}/${metadata.name}`
const find = (name) => cluster[name] ?? fail(`Error from server (NotFound): ${name}`)

const kustomize = (folder) => {
  const [program, command] = process.env.REAL_KUSTOMIZE.split(' ')
  return execFileSync(program, [command, folder], { encoding: 'utf8' })
}
const given = async () => {
  const text = args[0] === '-k' ? kustomize(args[1]) : input()
  // Loaded for this alone: most questions are without.
  if (!text.startsWith('{'))
    return (await import('yaml')).parseAllDocuments(text).map((document) => document.toJS())
  const { kind, items, ...one } = JSON.parse(text)
  return kind === 'List' ? items : [{ kind, ...one }]
}

/** A namespace, or a secret of a file. */
const createNamed = () => {
  const [kind, name] = args[0] === 'secret' ? ['Secret', args[2]] : ['Namespace', args[1]]
  if (kind === 'Secret' && !existsSync(option('--from-env-file'))) fail('error: no such file')
  const made = { kind, metadata: { name } }
  if (args.includes('--dry-run=client')) return process.stdout.write(JSON.stringify(made))
  if (cluster[nameOf(made)]) fail(`Error from server (AlreadyExists): ${nameOf(made)}`)
  cluster[nameOf(made)] = made
  save()
}

const verbs = {
  kustomize() {
    process.stdout.write(kustomize(args[0]))
  },
  get() {
    // Pods end as soon as nobody wants them; evicted ones stay.
    if (args[0] === 'pods') {
      const isAsked = ({ kind, status, spec }) =>
        kind === 'Pod'
          ? !(args.includes('--field-selector') && option('--field-selector').includes(`!=${status.phase}`))
          : kind !== 'Job' && spec?.replicas > 0
      const names = Object.keys(cluster).filter((name) => isAsked(cluster[name]))
      return process.stdout.write(names.map((name) => `pod/${name}\n`).join(''))
    }
    if (args[0] === 'jobs')
      return process.stdout.write(
        JSON.stringify({ items: jobs().map((job) => ({ ...job, status: statusOf(job) })) }),
      )
    if (args[0] === 'job') {
      const job = cluster[`job/${args[1]}`]
      if (!job && args.includes('--ignore-not-found')) return
      if (!job) fail(`Error from server (NotFound): ${args[1]}`)
      // Somebody else may write meanwhile.
      if (!isMigration(job, 'works')) {
        job.polls = (job.polls ?? 0) + 1
        save()
      }
      return process.stdout.write(JSON.stringify({ ...job, status: statusOf(job) }))
    }
    if (args[0] === '-f') {
      const there = JSON.parse(input()).items.flatMap((each) => cluster[nameOf(each)] ?? [])
      if (there.length > 0) process.stdout.write(JSON.stringify({ items: there }))
      return
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
  async apply() {
    const all = await given()
    if (all.length === 0) fail('error: no objects passed to apply')
    for (const each of all) {
      cluster[nameOf(each)] = each
      const { kind, metadata, spec } = each
      // One that nobody asks for makes no claims.
      for (const claim of (kind === 'StatefulSet' && spec.replicas > 0 && spec.volumeClaimTemplates) || []) {
        const name = `${claim.metadata.name}-${metadata.name}-0`
        cluster[`persistentvolumeclaim/${name}`] = {
          kind: 'PersistentVolumeClaim',
          metadata: { ...metadata, name },
          spec: claim.spec,
        }
      }
    }
    save()
  },
  delete() {
    if (process.env.FAKE_REFUSED === 'delete') fail('Error from server (Forbidden)')
    for (const each of JSON.parse(input()).items) delete cluster[nameOf(each)]
    save()
  },
  create() {
    if (args[0] !== 'job') return createNamed()
    const { jobTemplate } = find('cronjob/parley-backup').spec
    const metadata = { name: args[1], namespace: option('-n') }
    process.stdout.write(JSON.stringify({ apiVersion: 'batch/v1', kind: 'Job', metadata, ...jobTemplate }))
  },
  annotate() {
    const { metadata } = find(args[0])
    const [key, value] = args.find((word, at) => at > 0 && word.includes('/')).split('=')
    metadata.annotations = { ...metadata.annotations, [key.replace(/-$/, '')]: value }
    save()
  },
  scale() {
    const replicas = Number(/--replicas[= ](\d+)/.exec(args.join(' '))[1])
    const isMeant = (name) => (args.includes('-l') ? name.startsWith('deployment/') : args.includes(name))
    const names = Object.keys(cluster).filter(isMeant)
    if (names.length === 0) fail('error: no objects passed to scale')
    for (const { metadata, spec } of names.map(find)) {
      if (replicas === 0 && metadata.annotations?.['test/may-not-stop']) fail('Error from server (Forbidden)')
      if (replicas > 0 && jobs().some((job) => !isOver(job)))
        fail('unexpected: started while a job is at work')
      spec.replicas = replicas
    }
    save()
  },
  describe() {
    const [what, name] = args
    const job = cluster[`job/${what === 'job' ? name : option('-l').replace('job-name=', '')}`]
    const why = what === 'pods' && job ? waitsFor(job) : ''
    process.stdout.write(`Name: ${what}\nEvents:\n  Type  Reason\n  ${why}\n`)
  },
  logs() {
    if (!isOver(find(args[0])))
      fail('Error from server (BadRequest): container "backup" is waiting to start: ContainerCreating')
    process.stdout.write(`logs of ${args[0].split('-')[0]}\n`)
  },
  patch() {
    const [name, patch] = args[0] === '-f' ? [nameOf(JSON.parse(input())), option('-p')] : [args[0], input()]
    if (process.env.FAKE_REFUSED?.split(' ').includes(name))
      fail('Error from server (InternalError): failed calling webhook "validate.nginx.ingress.kubernetes.io"')
    for (const { op, path, value } of JSON.parse(patch)) {
      const keys = path.split('/').slice(1)
      const last = keys.pop()
      const at = keys.reduce((parent, key) => parent[key], find(name))
      if (op === 'replace' && !(last in at)) fail('The request is invalid: replace operation does not apply')
      at[last] = value
      // As the server keeps it: a map of nothing is none.
      if (op === 'add' && Object.keys(value).length === 0) delete at[last]
    }
    save()
  },
  rollout() {
    const { image } = find(args[1]).spec.template.spec.containers[0]
    if (image.includes('facade')) return setInterval(() => undefined, 60_000)
    if (image.includes('bad')) fail(`error: timed out waiting for the condition (${image})`)
  },
}
if (!(verb in verbs)) fail(`unexpected: kubectl ${verb}`)
await verbs[verb]()
