import { exact } from '../../kubernetes/rules/images.ts'
import type { Rule } from '../check.ts'
import type { Project, Service } from '../compose.ts'

export const each = (
  project: Project,
  find: (service: Service, name: string) => readonly (string | false)[],
): string[] =>
  Object.entries(project.services).flatMap(([name, service]) =>
    find(service, name)
      .filter((finding) => finding !== false)
      .map((finding) => `${name} ${finding}`),
  )

/** Those of Parley itself: what they run is set from outside, never written here. */
export const isParley = ({ image }: Service): boolean => image.startsWith('${PARLEY_IMAGE')

export const images: Rule = (project) =>
  each(project, (service) => [
    !isParley(service) && !exact.test(service.image) && `runs ${service.image}, which moves`,
    isParley(service) && !service.build && !service.image.includes(':?') && 'starts without PARLEY_IMAGE set',
  ])

/** Programs that the images are known to have; slim ones have no curl. */
const askers = ['bash', 'pg_isready', 'redis-cli', 'wget', 'node']

/** Parley's image brings its own. */
export const health: Rule = (project) =>
  each(project, (service) => {
    const { healthcheck, profiles, restart } = service
    if (isParley(service)) {
      const isTask = profiles.length > 0 && restart === 'no'
      return [healthcheck !== undefined && !isTask && 'replaces the health check of its image']
    }
    const [kind, program = ''] = healthcheck?.test ?? []
    return [
      healthcheck?.test === undefined && 'has no health check',
      kind !== undefined &&
        (kind !== 'CMD' || !askers.includes(program)) &&
        `is asked by ${kind} ${program}, which it may not have`,
      healthcheck?.test !== undefined &&
        !(healthcheck.interval && healthcheck.timeout) &&
        'is asked at no interval',
    ]
  })

export const dependencies: Rule = (project) =>
  each(project, ({ depends_on: needs }) =>
    Object.entries(needs).flatMap(([other, { condition }]) => [
      !(other in project.services) && `waits for ${other}, which is not there`,
      condition !== 'service_healthy' && `does not wait until ${other} is healthy`,
    ]),
  )

/** The engine makes no container that may use more processors than there are; who wants to speak has two. */
export const room: Rule = (project) =>
  each(project, ({ profiles, deploy: { resources } }) => [
    ...(['cpus', 'memory', 'pids'] as const).map(
      (what) => resources.limits[what] === undefined && `has no limit of ${what}`,
    ),
    Number(resources.limits.cpus) > (profiles.includes('voice') ? 2 : 1) &&
      `may use ${resources.limits.cpus} processors, and is not made where there are fewer`,
  ])

export const restarts: Rule = (project) =>
  each(project, ({ restart, profiles }) => [
    restart === undefined && 'stays down when it falls (restart)',
    restart === 'no' && profiles.length === 0 && 'stays down when it falls (restart)',
  ])

export const logs: Rule = (project) =>
  each(project, ({ logging }) => [
    !(logging?.options['max-size'] && logging.options['max-file']) && 'fills the disk with its log (logging)',
  ])
