import type { Bytes } from './bytes.ts'

export interface StoredFile {
  name: string
  bytes: number
}

/** Where backups are kept. Faults are `ParleyError`s that say what to do. */
export interface Destination {
  /** For people. */
  readonly where: string
  /** Everything there, other files as well; none where there is no such place yet. */
  list(): Promise<StoredFile[]>
  read(name: string): Promise<Bytes>
  /**
   * Keeps a file under a name. Resolves once what can be read there is byte for byte what was given, and survives a loss
   * of power; when it fails there is nothing under that name, or the error says that it is left there.
   */
  put(name: string, file: string): Promise<void>
  remove(name: string): Promise<void>
}
