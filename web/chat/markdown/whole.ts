/** E-mail addresses, phone numbers and the word itself: a browser breaks lines at their hyphens and spaces. */
const address =
  /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+|(?<![\p{L}\p{N}])\+?\(?\d(?:[ \u00a0().-]{0,2}\d){6,14}(?!\p{N})|(?<![\p{L}-])e-mail(?!\p{L})/giu

/** Keeps addresses of a text on one line where they fit on one. */
export function keepAddressesWhole(element: HTMLElement): void {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
  const found: Text[] = []
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    if (node instanceof Text && node.data.search(address) >= 0 && !node.parentElement?.closest('pre, .whole'))
      found.push(node)
  for (const text of found) wrap(text)
}

function wrap(text: Text): void {
  const parts: (string | Node)[] = []
  let end = 0
  for (const { 0: words, index } of text.data.matchAll(address)) {
    const whole = document.createElement('span')
    whole.className = 'whole'
    whole.textContent = words
    parts.push(text.data.slice(end, index), whole)
    end = index + words.length
  }
  text.replaceWith(...parts, text.data.slice(end))
}
