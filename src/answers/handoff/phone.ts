/** A number is expected among the first words, not in a pasted list. */
const lengthRead = 2000
const candidate =
  /(?<![\p{L}\p{N}_@#№$€£₽%.,:/+-]|\d[ ().-])\+?\(?\d(?:[ \u00a0().-]{0,2}\d){6,14}(?![\p{L}_%]|[ \u00a0().,:/-]{0,2}\d)/gu

/** Said right before a number that is to be called. */
const calls =
  /(?<![\p{L}])(?:(?:tele)?phone|tel|mobile|cell|call|ring|whats ?app|viber|signal|my number|text me|телефон|тел|моб|сотов|позвон|перезвон|звон|набер|набир|в[оа]т[сц]ап|мой номер)[\p{L}'.]*[^\p{L}\p{N}]*(?:\p{L}+[^\p{L}\p{N}]+){0,3}$/iu
/** Said right before a number of something else. */
const counts =
  /(?:(?<![\p{L}])(?:orders?|invoice|ticket|case|id|ref(?:erence)?|account|iban|vat|tax|card|serial|version|port|budget|price|costs?|about|until|since|заказ|сч[её]т|накладн|договор|инн|огрн|карт|бюджет|цен|стоимост|верси|артикул)[\p{L}]*[^\p{L}\p{N}]*(?:\p{L}+[^\p{L}\p{N}]+)?|[$€£₽#№]\s*)$/iu
/** What follows an amount. */
const units =
  /^\s*(?:[$€£₽%]|(?:usd|eur|gbp|rub|dollars?|euros?|pounds?|rubles?|k|users?|people|requests?|rows?|руб|долл|евро|тыс|млн|пользоват|человек|запрос|строк|штук)[\p{L}]*)/iu

const date = /^(?:\d{1,2}([./-])\d{1,2}\1\d{2,4}|(?:19|20)\d\d[./ -]?\d\d[./ -]?\d\d)(?!\d)/
const fraction = /^\d+\.\d{4,}$/
const thousands = /^\+?\d{1,3}(?:([ \u00a0.])\d{3})(?:\1\d{3})*$/
/** Written as one writes phone numbers: "(495) 123-45-67", "8 916 …". */
const plain = /\(\d{3,5}\)|^[78][ -]?9\d\d/
const spaced = /\d[ .-]\d/

/** E.164: the most digits of a number, and about the least with a country's code. */
const international = { least: 9, most: 15 }
/** The least with an area's code, and of a line in a town. */
const national = 10
const local = 7

/**
 * The first phone number of a text, as written, or `undefined`. Prices, dates and numbers of orders are none. One without a
 * country's code must be written like one, named one, or be the answer to a question for it (`asked`).
 */
export function phoneIn(text: string, asked: boolean): string | undefined {
  const read = text.slice(0, lengthRead)
  for (const { 0: found, index } of read.matchAll(candidate))
    if (isPhone(found, read.slice(0, index), read.slice(index + found.length), asked)) return found
  return undefined
}

function isPhone(found: string, before: string, after: string, asked: boolean): boolean {
  const digits = found.replace(/\D/g, '').length
  const near = before.slice(-40)
  if (digits > international.most || date.test(found) || fraction.test(found)) return false
  if (counts.test(near) || units.test(after)) return false
  const isNamed = calls.test(near)
  if (thousands.test(found) && (found.endsWith('000') || !isNamed)) return false
  if (found.startsWith('+')) return digits >= international.least
  if (digits >= national) return isNamed || asked || plain.test(found)
  const isAll = !/[\p{L}\p{N}]/u.test(before + after)
  return digits >= local && (isNamed || (asked && isAll && spaced.test(found)))
}
