import { join } from 'node:path'
import type { Command } from '../processes/child.ts'
import { type Place, secret, type Subject, token } from './subject.ts'

const folder = join(import.meta.dirname, 'programs')

/** A program of `programs/`, told where everything is. */
function program(
  name: string,
  { telegram, model, redisUrl }: Place,
  port: number | undefined,
  database: string,
): Command {
  const args = [port, telegram, model, token, secret, database, redisUrl]
  return { program: process.execPath, args: [join(folder, `${name}.ts`), ...args.map(String)] }
}

/** Stores nothing: what everything is compared with. */
export const bareLoop: Subject = {
  name: 'bare loop',
  servers: [],
  receivers: [0],
  commands: async (place) => [program('bare', place, place.ports[0], '')],
}

export const bareLoopWithCommits: Subject = {
  name: 'bare loop + commits',
  servers: [],
  receivers: [0],
  commands: async (place) => [
    program('bare-commits', place, place.ports[0], join(place.folder, 'updates.db')),
  ],
}

/** The same as most would write it: with Node's own fetch. */
export const bareFetch: Subject = {
  name: 'bare loop, fetch',
  servers: [],
  receivers: [0],
  commands: async (place) => [program('bare-fetch', place, place.ports[0], '')],
}

export const grammyWithSdk: Subject = {
  name: 'grammY + SDK',
  servers: [],
  receivers: [0],
  commands: async (place) => [program('grammy-sdk', place, place.ports[0], '')],
}

export const usualRecipe: Subject = {
  name: 'grammY + BullMQ + PostgreSQL',
  servers: ['postgres', 'redis'],
  receivers: [0],
  commands: async (place) =>
    ['recipe-api', 'recipe-worker'].map((name, index) =>
      program(name, place, place.ports[index], place.databaseUrl),
    ),
}

/** A chat over sockets that speaks Parley's frames. */
export const bareSockets: Subject = {
  name: 'bare sockets',
  servers: [],
  receivers: [0],
  commands: async (place) => [program('bare-sockets', place, place.ports[0], '')],
}
