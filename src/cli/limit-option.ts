import { InvalidArgumentError, Option } from 'commander'

/** `--limit`, the same for every command that lists. */
export function limitOption(fallback: number): Option {
  return new Option('-n, --limit <count>', 'how many at most').argParser(parse).default(fallback)
}

function parse(value: string): number {
  if (/^[1-9]\d{0,3}$/.test(value)) return Number(value)
  throw new InvalidArgumentError('Expected a number from 1 to 9999.')
}
