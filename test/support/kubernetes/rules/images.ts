import { allContainers, isParley, pods, type Rule } from '../manifest.ts'

/** What was built once and never again: a digest, or version and commit. */
const own = /(:\d+\.\d+\.\d+(-[a-z]+\.\d+)?-[0-9a-f]{7,40}|@sha256:[0-9a-f]{64})$/
export const exact = /(:v?\d+\.\d+[\w.-]*|@sha256:[0-9a-f]{64})$/

/** A tag that moves runs yesterday's code on one node and today's on another. */
export const images: Rule = (manifests) =>
  pods(manifests).flatMap((each) =>
    allContainers(each).flatMap(({ name, image }) => {
      const wanted = isParley(each) ? own : exact
      if (wanted.test(image)) return []
      const expected = isParley(each) ? 'version-commit or a digest' : 'an exact version or a digest'
      return [`${each.owner}, container ${name}: the tag of the image "${image}" is not ${expected}`]
    }),
  )
