/** A database of a subject's own, on loopback, gone without a trace after `stop`. */
export interface DatabaseServer {
  url: string
  /** Where it keeps what it stores. */
  folder: string
  /** Its processes are this one and its descendants. */
  pid: number
  stop(): Promise<void>
}
