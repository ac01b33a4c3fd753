import type { Rule } from '../manifest.ts'

const known = [
  'ConfigMap',
  'CronJob',
  'Deployment',
  'ExternalSecret',
  'HorizontalPodAutoscaler',
  'Ingress',
  'Namespace',
  'NetworkPolicy',
  'PersistentVolumeClaim',
  'PodDisruptionBudget',
  'PodMonitor',
  'PrometheusRule',
  'Secret',
  'Service',
  'StatefulSet',
]

/** What no rule looks at could run anything, a second poller as root: another kind needs its rules first. */
export const kinds: Rule = (manifests) =>
  manifests
    .filter(({ kind }) => !known.includes(kind))
    .map(({ kind, metadata }) => `${kind} ${metadata.name} is of a kind that no rule knows`)
