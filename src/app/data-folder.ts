import { dirname } from 'node:path'
import type { Config } from '../config/config.ts'

/** The folder whose disk must not be full: of the embedded database, else of the configuration. */
export const dataFolder = ({ database, home }: Pick<Config, 'database' | 'home'>): string =>
  database.kind === 'sqlite' ? dirname(database.path) : home
