/** A release as package.json, CHANGELOG.md and git tell it. */
export interface Release {
  version: string
  /** Tag of its image: never another image under the same. */
  tag: string
  /** What CHANGELOG.md says about it. */
  notes: string
}

interface Told {
  /** The tag of git, `v1.2.3`. */
  gitTag: string
  commit: string
  packageVersion: string
  changelog: string
}

/** Throws with what is missing: a release that cannot say what it is must not be built. */
export function readRelease({ gitTag, commit, packageVersion, changelog }: Told): Release {
  const version = /^v(\d+\.\d+\.\d+(?:-[a-z]+\.\d+)?)$/.exec(gitTag)?.[1]
  if (version === undefined) throw new Error(`The tag ${gitTag} is not of the form v1.2.3`)
  if (!/^[0-9a-f]{40}$/.test(commit)) throw new Error(`"${commit}" is not the hash of a commit`)
  if (packageVersion !== version)
    throw new Error(`The tag says ${version}, package.json ${packageVersion}: set one or the other`)
  const notes = notesOf(version, changelog)
  return { version, tag: `${version}-${commit.slice(0, 12)}`, notes }
}

function notesOf(version: string, changelog: string): string {
  const sections = changelog.split(/^## /m).slice(1)
  const section = sections.find((text) => text.startsWith(`[${version}]`))
  if (section === undefined) throw new Error(`CHANGELOG.md says nothing about ${version}`)
  const [heading = '', ...lines] = section.split('\n')
  if (!/^\[[^\]]+\] - \d{4}-\d{2}-\d{2}$/.test(heading))
    throw new Error(
      `CHANGELOG.md has no date for ${version}: "## ${heading}", not "## [${version}] - YYYY-MM-DD"`,
    )
  const notes = lines.join('\n').trim()
  if (notes === '') throw new Error(`CHANGELOG.md says nothing about ${version}`)
  return notes
}
