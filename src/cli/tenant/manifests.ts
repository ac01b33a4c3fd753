import { existsSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'

const root = join(import.meta.dirname, '../../..')
const own = join(root, 'deploy/kubernetes')

/** Where a tenant is written, and where the manifests are that it builds on. */
export interface Manifests {
  /** The tenant's folder, as it is shown. */
  tenant: string
  /** The manifests, from the tenant's folder. */
  relative: string
  /** From and to where they must be copied first. */
  copy?: { from: string; to: string }
}

/**
 * Inside of a checkout the tenant refers to its manifests. Elsewhere (an image has no checkout, and a repository of one's own
 * is none) they lie beside it, in a folder of their version: an upgrade is another line, and the one before stays.
 */
export function manifestsFor(name: string, version: string, folder?: string, cwd = process.cwd()): Manifests {
  const inCheckout = existsSync(join(root, '.git'))
  const parent = resolve(cwd, folder ?? (inCheckout && isInside(cwd) ? join(own, 'tenants') : '.'))
  const path = join(parent, name)
  const tenant = relative(cwd, path) || path
  if (inCheckout && isInside(parent)) return { tenant, relative: relative(path, own) }
  const beside = join(parent, `parley-${version}`)
  return {
    tenant,
    relative: relative(path, beside),
    ...(existsSync(beside) ? {} : { copy: { from: own, to: beside } }),
  }
}

const isInside = (path: string): boolean => !relative(root, path).startsWith('..')
