import { type RefObject, useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from 'react'
import type { Draft, View } from '../session/state.ts'

/** This close to the end counts as being there, in pixels. */
const near = 64
/** A way this long is jumped, in pixels. */
const far = 2500
/** Older messages are asked for this long before the top is reached, in pixels. */
const ahead = 400

const still = matchMedia('(prefers-reduced-motion: reduce)')

interface Needs {
  view: View
  drafts: Draft[]
  older: () => void
}

/**
 * Where the reader is. At the end, the list follows everything that grows; scrolled up, nothing moves: older
 * messages are put above without a jump, and new ones are only counted as unread.
 */
export function useScrolling(scroller: RefObject<HTMLElement | null>, { view, drafts, older }: Needs) {
  const following = useRef(true)
  const position = useRef(0)
  const [away, setAway] = useState(false)
  const [unread, setUnread] = useState(false)

  /** Goes to the end at once and stays there. */
  const follow = () => {
    following.current = true
    setAway(false)
    if (scroller.current) scroller.current.scrollTop = scroller.current.scrollHeight
  }
  const toLatest = () => {
    following.current = true
    setAway(false)
    const list = scroller.current
    list?.scrollTo({
      top: list.scrollHeight,
      behavior: fromEnd(list) > far || still.matches ? 'instant' : 'smooth',
    })
  }

  useEffect(() => {
    const list = scroller.current
    const content = list?.firstElementChild
    if (!list || !content) return
    const onScroll = () => {
      const atEnd = fromEnd(list) < near
      // Only the reader moves up; on the way down to the end the list keeps following.
      if (atEnd) following.current = true
      else if (list.scrollTop < position.current) following.current = false
      position.current = list.scrollTop
      setAway(!following.current)
      if (atEnd) setUnread(false)
      if (list.scrollTop < ahead) older()
    }
    const growth = new ResizeObserver(() => {
      if (following.current) list.scrollTop = list.scrollHeight
      noteEnd(list, position)
    })
    growth.observe(content)
    growth.observe(list)
    list.addEventListener('scroll', onScroll, { passive: true })
    return () => {
      growth.disconnect()
      list.removeEventListener('scroll', onScroll)
    }
  }, [scroller, older])

  useStillnessAbove(scroller, view.messages[0]?.seq, position)
  useEnd(scroller, following)
  useArrivals(view, drafts, () => (following.current ? undefined : setUnread(true)), follow)
  return { away, unread, toLatest }
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
function useEnd(scroller: RefObject<HTMLElement | null>, following: RefObject<boolean>): void {
  useLayoutEffect(() => {
    const list = scroller.current
    if (list && following.current && fromEnd(list) > 1) list.scrollTop = list.scrollHeight
  })
}

/** Tells others' new messages from one's own: the own ones bring the reader to the end. */
function useArrivals(view: View, drafts: Draft[], onOthers: () => void, onOwn: () => void): void {
  const others = useEffectEvent(onOthers)
  const own = useEffectEvent(onOwn)
  const last = view.messages.at(-1)
  const seen = useRef({ opened: view.opened, seq: last?.seq ?? 0 })
  useEffect(() => {
    const { opened, seq } = seen.current
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
