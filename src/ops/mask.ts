/**
 * What a secret looks like wherever it turns up: Telegram puts the bot token into URLs, drivers put passwords
 * into messages. Each pattern keeps enough to tell which secret it was.
 */
const patterns: readonly [RegExp, string][] = [
  // Telegram bot token, as in `https://api.telegram.org/bot123456:AA…/getMe`; the colon also as a URL may have it.
  [/(?<!\d)(\d{5,20})(:|%3A)[\w-]{30,}/gi, '$1$2***'],
  // Password in a URL (RFC 3986 §3.2.1); not in the examples of our own texts, `user:password@host`.
  [/(\b[a-z][a-z\d+.-]{1,20}:\/\/[^\s:/?#@"\\]{0,100}):(?!password@)[^\s/?#@"\\]{1,200}@/gi, '$1:***@'],
  // Keys of the model providers: sk-…, ak_…, AIza….
  [/\b(sk-[a-z]{0,8}|ak_|AIza)[\w-]{16,}/g, '$1***'],
  [/\b(Bearer|Basic) [\w.~+/=-]{8,}/g, '$1 ***'],
  [/([?&](?:key|api_key|token|secret|password)=)[^\s&#"\\]+/gi, '$1***'],
]

/** Replaces what looks like a secret with `***`. Safe on serialised JSON: quotes and backslashes are never touched. */
export function maskSecrets(text: string): string {
  return patterns.reduce((masked, [pattern, replacement]) => masked.replace(pattern, replacement), text)
}
