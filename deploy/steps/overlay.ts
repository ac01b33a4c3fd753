import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Document, parseDocument } from 'yaml'
import { z } from 'zod'
import type { Image } from './image.ts'
import { loud } from './loud.ts'

/** As kustomize looks for it. */
const fileNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization']
const images = z.array(
  z.looseObject({ name: z.string(), newName: z.string().optional(), newTag: z.string().optional() }),
)

/**
 * Writes into an overlay which version was set: `kubectl apply -k` would bring back what stands there. Returns what to tell,
 * `undefined` where it stood there already.
 */
export function writeVersion(overlay: string, image: Image): string | undefined {
  const tag = image.reference.slice(image.name.length + 1)
  const file = fileNames.map((name) => join(overlay, name)).find((path) => existsSync(path))
  if (file === undefined)
    return loud(`${overlay} is no folder here: its newTag is to be ${tag}, ${otherwise}`)
  try {
    const document = parseDocument(readFileSync(file, 'utf8'))
    const before = setTag(document, image.name, tag)
    if (before === tag) return undefined
    writeFileSync(file, document.toString({ lineWidth: 0 }))
    return loud(`written: newTag: ${tag} into ${file}, where ${before} stood; commit it, ${otherwise}`)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return loud(`NOT WRITTEN (${reason}): newTag: ${tag} into ${file}; do it by hand, ${otherwise}`)
  }
}

const otherwise = 'or the next `kubectl apply -k` of it sets another version than the one that runs'

/** Every entry that leads to this image, or one more; returns what stood there. */
function setTag(document: Document, name: string, tag: string): string {
  const { data: entries } = images.safeParse(document.toJS()?.images ?? [])
  if (!entries) throw new Error('its `images` are no list of names')
  const own = entries.flatMap((entry, index) => ((entry.newName ?? entry.name) === name ? [index] : []))
  if (own.length === 0) {
    document.set('images', document.createNode([...entries, { name, newTag: tag }]))
    return 'nothing'
  }
  const before = own.map((index) => entries[index]?.newTag ?? 'no tag')
  for (const index of own) {
    document.setIn(['images', index, 'newTag'], tag)
    document.deleteIn(['images', index, 'digest'])
  }
  return before.find((each) => each !== tag) ?? tag
}
