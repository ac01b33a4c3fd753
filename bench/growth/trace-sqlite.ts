/**
 * Loaded into Parley before anything else (`--import`): remembers each statement it prepares on the embedded database,
 * and writes them, as a JSON array, to the file `statements.json` of its folder when it ends.
 */
import { writeFileSync } from 'node:fs'
import BetterSqlite3 from 'better-sqlite3'

const texts = new Set<string>()
const { prepare } = BetterSqlite3.prototype

BetterSqlite3.prototype.prepare = function remember(this: BetterSqlite3.Database, text: string) {
  texts.add(text)
  return Reflect.apply(prepare, this, [text])
} as typeof prepare

process.on('exit', () => writeFileSync('statements.json', JSON.stringify([...texts])))
