import { type RefObject, useLayoutEffect } from 'react'

/** Lets a field be as high as its text; the style sheet says how high it may get. */
export function useGrowing(field: RefObject<HTMLTextAreaElement | null>, text: string): void {
  useLayoutEffect(() => {
    const style = field.current?.style
    if (!style || !field.current) return
    style.height = 'auto'
    if (text !== '') style.height = `${field.current.scrollHeight}px`
  }, [field, text])
}
