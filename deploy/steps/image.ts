/** An image as releases name it. */
export interface Image {
  /** With its tag. */
  reference: string
  /** Without it. */
  name: string
  version: string
  /** The first characters of the commit's hash. */
  commit: string
}

/**
 * Reads `registry/name:VERSION-COMMIT`. Throws on every other tag: one that may move (`latest`, a branch) cannot be gone back
 * to, nor compared with what runs.
 */
export function readImage(reference: string): Image {
  const found =
    /^(?<name>[^\s@]+):(?<version>\d+\.\d+\.\d+(?:-[a-z]+\.\d+)?)-(?<commit>[0-9a-f]{7,40})$/.exec(reference)
  const { name, version, commit } = found?.groups ?? {}
  if (name === undefined || version === undefined || commit === undefined)
    throw new Error(`"${reference}" is not NAME:VERSION-COMMIT, as ghcr.io/acme/parley:1.2.3-0a1b2c3d4e5f`)
  return { reference, name, version, commit }
}
