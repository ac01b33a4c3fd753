/** Whether the process that listens there says that no reply waits to be sent or recorded, in the whole installation. */
export async function isRecorded(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`)
    return /^backlog_messages\{state="queued"\} 0$/m.test(await response.text())
  } catch {
    // It is starting, or dead.
    return false
  }
}
