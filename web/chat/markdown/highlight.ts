type Highlight = (code: string, language: string) => string | undefined

/** Longer code is shown plain: colouring it would hold up the page. In UTF-16 units. */
const longest = 20_000

let loaded: Highlight | undefined
let loading: Promise<void> | undefined

/** The highlighter is fetched when the first code is shown; without it code stays readable. */
function load(): Promise<void> {
  loading ??= import('./languages.ts').then(
    (module) => {
      loaded = module.highlight
    },
    () => {
      loading = undefined
    },
  )
  return loading
}

/** Colours the code blocks below an element: at once when the highlighter is here, else when it arrives. */
export function highlightWithin(element: HTMLElement): void {
  const blocks = [...element.querySelectorAll<HTMLElement>('pre > code[class^="language-"]')]
  if (blocks.length === 0) return
  if (loaded) for (const block of blocks) colour(block, loaded)
  else void load().then(() => loaded && element.isConnected && highlightWithin(element))
}

function colour(block: HTMLElement, highlight: Highlight): void {
  const code = block.textContent
  if (block.dataset.coloured !== undefined || code.length > longest) return
  const html = highlight(code, block.className.slice('language-'.length).toLowerCase())
  if (html === undefined) return
  block.innerHTML = html
  block.dataset.coloured = ''
}
