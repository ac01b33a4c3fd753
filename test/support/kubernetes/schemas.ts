import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runProgram } from '../run/program.ts'
import type { Manifest } from './manifest.ts'

const root = join(import.meta.dirname, '../../..')

/** Whose types and schemas a group has that is not Kubernetes' own. */
const packages: Record<string, string> = {
  'argoproj.io': '@kubernetes-models/argo-cd',
  'external-secrets.io': '@kubernetes-models/external-secrets',
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
}

const moduleOf = ({ apiVersion }: Manifest): string =>
  `${packages[apiVersion.split('/')[0] ?? ''] ?? 'kubernetes-models'}/${apiVersion}`

const compilerOptions = {
  strict: true,
  noEmit: true,
  module: 'nodenext',
  target: 'es2025',
  types: [],
  skipLibCheck: true,
}

/**
 * Holds manifests against the schemas of Kubernetes and of the custom resources: as values of their types, which finds
 * unknown and missing fields, and by their validators, which find numbers and patterns out of range. Findings by index.
 */
export async function checkSchemas(manifests: readonly Manifest[]): Promise<Map<number, string[]>> {
  const findings = new Map<number, string[]>()
  const add = (index: number, text: string): unknown =>
    findings.set(index, [...(findings.get(index) ?? []), text])
  for (const { index, text } of await typeErrors(manifests)) add(index, text)
  for (const [index, manifest] of manifests.entries())
    for (const text of await invalid(manifest)) add(index, text)
  return findings
}

async function typeErrors(manifests: readonly Manifest[]): Promise<{ index: number; text: string }[]> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-schemas-'))
  const lines = manifests.map(
    (manifest, index) =>
      `export const _${index} = ${JSON.stringify(manifest)} satisfies import('${moduleOf(manifest)}').I${manifest.kind}`,
  )
  try {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    writeFileSync(join(folder, 'manifests.ts'), lines.join('\n'))
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }))
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const { code, output } = await runProgram([process.execPath, tsc, '--pretty', 'false', '-p', folder])
    const found = [...output.matchAll(/manifests\.ts\((\d+),\d+\): error TS\d+: (.*)/g)]
    if (code !== 0 && found.length === 0) throw new Error(`The compiler did not run: ${output}`)
    return found.map(([, line, text = '']) => ({ index: Number(line) - 1, text }))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface Model {
  validate(): void
}

async function invalid(manifest: Manifest): Promise<string[]> {
  const module: Record<string, new (data: Manifest) => Model> = await import(moduleOf(manifest)).catch(
    () => ({}),
  )
  const Kind = module[manifest.kind]
  if (Kind === undefined) return [`there is no ${manifest.kind} in ${manifest.apiVersion}`]
  try {
    new Kind(manifest).validate()
    return []
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}
