import type { Manifest } from './manifest.ts'
import { images } from './rules/images.ts'
import { kinds } from './rules/kinds.ts'
import { disruptions, references, selectors, services } from './rules/links.ts'
import { application, certificates, entrance, kept, names, oneNamespace } from './rules/outside.ts'
import { rights } from './rules/rights.ts'
import { moves, onePoller, probes, rolls, room } from './rules/running.ts'
import { commandLine, configurations, environment, noSecrets } from './rules/starts.ts'

const rules = [
  kinds,
  images,
  rights,
  room,
  probes,
  onePoller,
  moves,
  rolls,
  selectors,
  services,
  references,
  disruptions,
  entrance,
  certificates,
  names,
  kept,
  oneNamespace,
  environment,
  noSecrets,
  configurations,
]

/** What is wrong with the manifests of one installation, a line each. */
export async function checkInstallation(manifests: readonly Manifest[]): Promise<string[]> {
  return [...rules.flatMap((rule) => rule(manifests)), ...(await commandLine(manifests))]
}

/** What is wrong with an Application of Argo CD. */
export const checkApplication = (manifests: readonly Manifest[]): string[] => application(manifests)
