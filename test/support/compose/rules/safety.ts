import type { Rule } from '../check.ts'
import { each } from './running.ts'

/** nginx starts as root, takes its ports and becomes another. */
const needed = ['CHOWN', 'SETGID', 'SETUID', 'NET_BIND_SERVICE']

export const rights: Rule = (project) =>
  each(project, (service, name) => [
    !service.read_only && 'may write its root (read_only)',
    !service.cap_drop.includes('ALL') && 'keeps capabilities (cap_drop)',
    service.cap_add.some((right) => name !== 'nginx' || !needed.includes(right)) &&
      `gets ${service.cap_add.join()} (cap_add)`,
    !service.security_opt.includes('no-new-privileges:true') && 'may gain rights (no-new-privileges)',
    service.privileged && 'is privileged',
    (service.user === 'root' || service.user === '0') && 'runs as root',
    service.network_mode !== undefined &&
      name !== 'nginx' &&
      `shares a network (network_mode: ${service.network_mode})`,
  ])

/** Only this machine, and of databases not even that; nginx serves the world on the host's own network. */
export const ports: Rule = (project) =>
  each(project, (service, name) =>
    service.ports.flatMap((port) => [
      !port.startsWith('127.0.0.1:') && `shows port ${port} to the world`,
      ['postgres', 'redis'].includes(name) && `shows the database's port ${port}`,
    ]),
  )

/** What is kept lies in a named volume, what is given cannot be written. */
export const mounts: Rule = (project) => [
  ...each(project, (service) =>
    service.volumes.flatMap((mount) => {
      const [, source = '', mode] = /^(\$\{[^}]*\}|[^:]+):[^:]+(?::(\w+))?$/.exec(mount) ?? []
      const named = /^\$\{\w+:-(\w+)\}$/.exec(source)?.[1] ?? source
      const isFolder = /^[./]/.test(named)
      return [
        source === '' && `mounts ${mount}, which is no mount`,
        named.includes('docker.sock') && 'has the engine in its hands (docker.sock)',
        isFolder && mode !== 'ro' && `may write ${named} of the host`,
        !isFolder && !(named in project.volumes) && `keeps its data in ${named}, which is no volume`,
      ]
    }),
  ),
  ...each(project, ({ secrets, networks }) => [
    ...secrets.map((name) => !(name in project.secrets) && `needs the secret ${name}, which is not there`),
    ...networks.map(
      (name) => name !== 'default' && !(name in project.networks) && `is in ${name}, which is no network`,
    ),
  ]),
]

/** Nothing is silently empty. */
export const variables: Rule = (project) =>
  [...JSON.stringify(project).matchAll(/\$\{(\w+)\}|\$(\w+)/g)].map(
    ([, braced, plain]) =>
      `the variable ${braced ?? plain} may be missing: give it a default, or \${NAME:?why}`,
  )
