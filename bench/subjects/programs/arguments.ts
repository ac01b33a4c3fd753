/** What every program that is compared is told on its command line, in this order. */
export const [
  port = '0',
  telegram = '',
  model = '',
  token = '',
  secret = '',
  databaseUrl = '',
  redisUrl = '',
] = process.argv.slice(2)
