import { open } from 'node:fs/promises'

/** What stands before the settings, and they before everything else. */
const headBytes = 16_384
const setting = 'SET transaction_timeout = 0;\n'
const head = /^(?:(?:--.*|\\\w+ .*|SET .*)?\n)*?SET transaction_timeout = 0;\n/

/**
 * Makes a comment of the one setting that pg_restore writes since version 17 into whatever it writes, and that older servers
 * do not know. In its place, for a script is as large as a database.
 */
export async function silenceNewSettings(script: string): Promise<void> {
  const file = await open(script, 'r+')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0)
    const [found] = head.exec(buffer.toString('latin1', 0, bytesRead)) ?? []
    if (found !== undefined) await file.write('--', found.length - setting.length)
  } finally {
    await file.close()
  }
}
