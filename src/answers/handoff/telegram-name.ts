const lengthRead = 2000
/** A public name of Telegram: 5 to 32 letters, digits and underscores, a letter first; those of bots end in "bot". */
const name = /(?<![\p{L}\p{N}._%+@/-])(?:@|(?:https?:\/\/)?t\.me\/)([A-Za-z]\w{4,31})(?![\w@]|\.\w)/gu
const named = /telegram|телеграм|(?<![\p{L}])(?:tg|тг|телега|телегу|телеге)(?![\p{L}])|t\.me\//iu

/** The first name of a person on Telegram, as `@name`; only where one was asked for, or Telegram is mentioned. */
export function telegramNameIn(text: string, asked: boolean): string | undefined {
  const read = text.slice(0, lengthRead)
  if (!asked && !named.test(read)) return undefined
  const found = [...read.matchAll(name)].map(([, each = '']) => each).find((each) => !/bot$/i.test(each))
  return found && `@${found}`
}
