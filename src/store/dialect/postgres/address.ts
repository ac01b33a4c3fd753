/** Whose sessions have which name. By that of the server others see that one runs, so no address may give another. */
export const sessions = {
  server: 'parley',
  backup: 'parley-backup',
  transfer: 'parley-migrate-data',
} as const

/** What a driver is told of the server at `url`, by whom it is asked. What the URL says, the driver puts over the rest. */
export const connectionOf = (url: string, whose: keyof typeof sessions) => ({
  connectionString: withoutParameters(url, ['application_name']),
  application_name: sessions[whose],
})

/** Everything else stays as it was written: spaces as `%20`, for libpq takes a plus sign for one. */
export function withoutParameters(url: string, names: readonly string[]): string {
  const address = new URL(url)
  for (const name of names) address.searchParams.delete(name)
  address.search = address.search.replaceAll('+', '%20')
  return address.href
}
