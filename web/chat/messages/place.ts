/** A question taller than this share of the view makes way for its answer. */
const share = 1 / 3

/** How the list is read. */
export interface Place {
  /** The end is followed. */
  following: boolean
  /** The last row that was read. */
  read: HTMLElement | undefined
  /** Where the list stopped by itself because more came than fits. */
  held: number | undefined
  /** How high the list was at the last look. */
  height: number
}

/** Keeps the end in sight; where more than a screen came since the reader was there, its beginning. Never goes up. */
export function keepPlace(list: HTMLElement, place: Place): void {
  const grew = list.scrollHeight > place.height
  place.height = list.scrollHeight
  if (!place.following) return
  const end = list.scrollHeight - list.clientHeight
  const start = grew ? startAfter(place.read, list) : undefined
  if (start === undefined || start >= end) {
    list.scrollTop = list.scrollHeight
    return
  }
  list.scrollTop = Math.max(list.scrollTop, start)
  place.held = list.scrollTop
  place.following = false
}

/** The last row of the list; `own`: the last the reader wrote. */
export function lastRow(list: HTMLElement, own = false): HTMLElement | undefined {
  const rows = list.querySelectorAll<HTMLElement>(own ? '.rows > .message-own' : '.rows > li')
  return rows[rows.length - 1]
}

/**
 * Where what came after a row begins, as a position of the list: at the row itself where it is the question that is
 * answered and leaves room. `undefined` when nothing came, or the row is gone.
 */
function startAfter(row: HTMLElement | undefined, list: HTMLElement): number | undefined {
  const next = row?.nextElementSibling
  if (!row?.isConnected || !next) return undefined
  const isQuestion = row.classList.contains('message-own') && row.offsetHeight <= list.clientHeight * share
  const top = (isQuestion ? row : next).getBoundingClientRect().top
  return Math.floor(top - list.getBoundingClientRect().top + list.scrollTop)
}
