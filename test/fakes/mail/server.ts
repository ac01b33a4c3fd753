import { createServer } from 'node:net'
import { createInterface } from 'node:readline'

/** A mail server (SMTP, RFC 5321) that takes mails of whoever knows its password, and of nobody else. */
export interface FakeMail {
  /** Host and port. */
  address: string
  /** Heads and bodies; lines that were broken for the way (quoted-printable) are whole. */
  mails: string[]
  close(): Promise<void>
}

export async function createFakeMail(password: string): Promise<FakeMail> {
  const mails: string[] = []
  const server = createServer((socket) => {
    const say = (line: string): unknown => socket.write(`${line}\r\n`)
    let isKnown = false
    let mail: string[] | undefined
    const hear = (line: string): unknown => {
      if (mail !== undefined && line !== '.') return mail.push(line)
      if (mail !== undefined) {
        mails.push(mail.join('\n').replaceAll('=\n', ''))
        mail = undefined
        return say('250 kept')
      }
      const [command = '', , login = ''] = line.split(' ')
      if (command === 'EHLO') return say('250-fake\r\n250 AUTH PLAIN')
      if (command === 'QUIT') return socket.end('221 bye\r\n')
      if (command === 'AUTH') isKnown = Buffer.from(login, 'base64').toString().split('\0')[2] === password
      if (!isKnown) return say('535 nobody we know')
      if (command === 'AUTH') return say('235 come in')
      if (command !== 'DATA') return say('250 go on')
      mail = []
      return say('354 until a dot')
    }
    // It hears of the errors of its socket: a client that leaves early is none of ours.
    createInterface({ input: socket })
      .on('error', () => undefined)
      .on('line', hear)
    say('220 fake')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The fake has no port.')
  return {
    address: `127.0.0.1:${address.port}`,
    mails,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}
