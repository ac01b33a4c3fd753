import { z } from 'zod'
import { address, duration, flag, oneOf, size, text, whole } from '../kinds.ts'

export const serverSchema = z
  .strictObject({
    host: text(255).default('127.0.0.1').describe('Address to listen on; 0.0.0.0 for every network.'),
    port: whole(0, 65_535).default(8000).describe('Port to listen on; 0 takes a free one.'),
    body_limit: size('16kb', '20mb')
      .default(1024 * 1024)
      .describe('The largest request body.'),
    trust_proxy: flag().default(false).describe('Believe X-Forwarded-For; only behind a proxy that sets it.'),
    sockets: whole(1, 1_000_000)
      .default(20_000)
      .describe('Open sockets of the web chat of one process at most; each takes about 14 KB of memory.'),
    proxies: whole(1, 10)
      .default(1)
      .describe(
        'How many proxies stand in front, with trust_proxy: whose entry of X-Forwarded-For is believed.',
      ),
  })
  .prefault({})

export const logSchema = z
  .strictObject({
    level: oneOf('debug', 'info', 'warn', 'error').default('info').describe('The least that is logged.'),
  })
  .prefault({})

export const databaseSchema = z
  .strictObject({
    path: text(1000)
      .optional()
      .describe(
        'File of the embedded database, relative to parley.yaml; parley.db in data_dir when not set.',
      ),
    pool: z
      .strictObject({
        min: whole(0, 200).default(10).describe('Connections to PostgreSQL kept open.'),
        max: whole(1, 200).default(30).describe('Connections to PostgreSQL at most.'),
      })
      .prefault({}),
  })
  .prefault({})

export const redisSchema = z
  .strictObject({
    prefix: z
      .string('a short name')
      .regex(/^[\w.-]{1,40}$/, '1 to 40 of A-Z a-z 0-9 _ . -')
      .default('parley')
      .describe('In front of every key in Redis: installations with different ones may share a server.')
      .meta({ type: '1 to 40 of A-Z a-z 0-9 _ . -' }),
  })
  .prefault({})

export const webSchema = z
  .strictObject({
    origins: z
      .array(address(), 'a list of addresses')
      .max(100, 'at most 100')
      .default([])
      .describe("Origins besides the server's own that may open a socket."),
    quiet_window: duration('0ms', '30s')
      .default(300)
      .describe('How long to wait for a person to finish typing.'),
  })
  .prefault({})
