/**
 * Whether user and password stand in an address as they are. A `/`, `?` or `#` of theirs ends the host, so that what is taken for
 * host and path are pieces of the password, and what should be before them comes after: nothing of it may be shown or looked up.
 */
export const isLoginTorn = ({ host, pathname, search, hash }: URL): boolean =>
  host !== '' && (/@/.test(pathname + hash) || /^\?[^=]*@/.test(search))

export const tornLogin = 'special characters of user or password as they are'
