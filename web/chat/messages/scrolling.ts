import { type RefObject, useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from 'react'
import type { Draft, View } from '../session/state.ts'
import { keepPlace, lastRow, type Place } from './place.ts'

/** This close to the end counts as being there, in pixels. */
const near = 64
/** A way this long is jumped, in pixels. */
const far = 2500
/** More than this below the view is worth a button, in pixels. */
const hidden = 8
/** Older messages are asked for this long before the top is reached, in pixels. */
const ahead = 400

const still = matchMedia('(prefers-reduced-motion: reduce)')

interface Needs {
  view: View
  drafts: Draft[]
  older: () => void
}

/**
 * Where the reader is. At the end, the list follows what grows, until more has come than fits: then it stays where that
 * begins, so that an answer is read from its first line. Scrolled up, nothing moves: older messages are put above without
 * a jump, and new ones are only counted as unread.
 */
export function useScrolling(scroller: RefObject<HTMLElement | null>, { view, drafts, older }: Needs) {
  const position = useRef(0)
  const [away, setAway] = useState(false)
  const [unread, setUnread] = useState(false)
  const place = useRef<Place>({ following: true, read: undefined, held: undefined, height: 0 })

  /** What is on the screen is read: the list follows the end from here. */
  const readOn = (own = false) => {
    const read = scroller.current ? lastRow(scroller.current, own) : undefined
    place.current = { ...place.current, following: true, held: undefined, read }
    setAway(false)
  }
  /** Goes to the end at once and stays there. */
  const follow = () => {
    readOn(true)
    if (scroller.current) scroller.current.scrollTop = scroller.current.scrollHeight
  }
  const toLatest = () => {
    readOn()
    const list = scroller.current
    list?.scrollTo({
      top: list.scrollHeight,
      behavior: fromEnd(list) > far || still.matches ? 'instant' : 'smooth',
    })
  }
  const onScroll = (list: HTMLElement) => {
    const { following, held } = place.current
    const atEnd = fromEnd(list) < near
    // Where the list itself stopped, the reader has not moved yet.
    if (held === undefined || Math.abs(list.scrollTop - held) > 1) {
      if (atEnd && !following) readOn()
      // Only the reader moves up; on the way down to the end the list keeps following.
      else if (!atEnd && list.scrollTop < position.current) place.current.following = false
      place.current.held = undefined
      setAway(!place.current.following)
      if (atEnd) setUnread(false)
    }
    position.current = list.scrollTop
    if (list.scrollTop < ahead) older()
  }
  const onGrowth = (list: HTMLElement) => {
    keepPlace(list, place.current)
    if (place.current.held !== undefined) setAway(fromEnd(list) > hidden)
    noteEnd(list, position)
  }

  useListening(scroller, onScroll, onGrowth)
  useStillnessAbove(scroller, view.messages[0]?.seq, position)
  useEnd(scroller, place)
  useArrivals(view, drafts, {
    onOpened: () => readOn(),
    onOthers: () => (place.current.following ? undefined : setUnread(true)),
    onOwn: follow,
  })
  return { away, unread, toLatest }
}

/** Told when the list is scrolled, and when it or what is in it changes its size. */
function useListening(
  scroller: RefObject<HTMLElement | null>,
  onScroll: (list: HTMLElement) => void,
  onGrowth: (list: HTMLElement) => void,
): void {
  const scrolled = useEffectEvent(onScroll)
  const grown = useEffectEvent(onGrowth)
  useEffect(() => {
    const list = scroller.current
    const content = list?.firstElementChild
    if (!list || !content) return
    const listen = () => scrolled(list)
    const growth = new ResizeObserver(() => grown(list))
    growth.observe(content)
    growth.observe(list)
    list.addEventListener('scroll', listen, { passive: true })
    return () => {
      growth.disconnect()
      list.removeEventListener('scroll', listen)
    }
  }, [scroller])
}

/** How far the end is below what is seen, in pixels. */
const fromEnd = (list: HTMLElement) => list.scrollHeight - list.scrollTop - list.clientHeight

/** When the content shrinks, the browser moves the list up to its end: that was not the reader. */
function noteEnd(list: HTMLElement, position: RefObject<number>): void {
  if (fromEnd(list) <= 1) position.current = list.scrollTop
}

/** Keeps what is read in place when older messages are put above it. */
function useStillnessAbove(
  scroller: RefObject<HTMLElement | null>,
  first: number | undefined,
  position: RefObject<number>,
): void {
  const before = useRef({ first, height: 0 })
  useLayoutEffect(() => {
    const list = scroller.current
    if (!list) return
    const last = before.current
    if (first !== undefined && last.first !== undefined && first < last.first)
      list.scrollTop += list.scrollHeight - last.height
    before.current = { first, height: list.scrollHeight }
    noteEnd(list, position)
  })
}

/**
 * At the end after every change. A row that goes before another of its height comes leaves the content as high as it was, and
 * nothing is told of growth, but the list was moved up in between.
 */
function useEnd(scroller: RefObject<HTMLElement | null>, place: RefObject<Place>): void {
  useLayoutEffect(() => {
    const list = scroller.current
    if (list && place.current.following && fromEnd(list) > 1) keepPlace(list, place.current)
  })
}

interface Arrivals {
  onOpened: () => void
  onOthers: () => void
  onOwn: () => void
}

/** Tells others' new messages from one's own: the own ones bring the reader to the end. */
function useArrivals(view: View, drafts: Draft[], { onOpened, onOthers, onOwn }: Arrivals): void {
  const openedNow = useEffectEvent(onOpened)
  const others = useEffectEvent(onOthers)
  const own = useEffectEvent(onOwn)
  const last = view.messages.at(-1)
  const seen = useRef({ opened: view.opened, seq: last?.seq ?? 0 })
  useEffect(() => {
    const { opened, seq } = seen.current
    if (!opened && view.opened) openedNow()
    if (opened && last && last.seq > seq && last.author !== 'contact') others()
    seen.current = { opened: view.opened, seq: last?.seq ?? 0 }
  }, [view.opened, last])
  const newest = drafts.at(-1)?.id
  const written = useRef(newest)
  useEffect(() => {
    if (newest && newest !== written.current) own()
    if (newest) written.current = newest
  }, [newest])
}
