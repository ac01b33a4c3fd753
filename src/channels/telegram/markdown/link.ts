/**
 * The address as Telegram accepts it in a text link, or `undefined`: it refuses the whole message for a host
 * without a dot, and knows no schemes but these.
 */
export function linkTarget(href: string): string | undefined {
  if (/^tg:\/\/[\w-]+(\?\S*)?$/i.test(href)) return href
  if (!/^https?:\/\//i.test(href) || !URL.canParse(href)) return undefined
  const url = new URL(href)
  return /[^.]\.[^.]/.test(url.hostname) ? url.href : undefined
}

/** What to show of an address that cannot be a link: worth telling for web and mail, not for scripts. */
export function visibleAddress(href: string): string | undefined {
  const mail = /^mailto:([^?]+)/i.exec(href)?.[1]
  if (mail !== undefined) return mail
  return /^https?:\/\//i.test(href) ? href : undefined
}
