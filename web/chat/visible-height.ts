import { useEffect } from 'react'

/**
 * Keeps the page as high as what is seen of it. Where an on-screen keyboard covers the page instead of shrinking
 * it (Safari on iOS), `100dvh` is too high and the message field would be hidden.
 */
export function useVisibleHeight(): void {
  useEffect(() => {
    const seen = window.visualViewport
    if (!seen) return
    const fit = () => {
      const covered = seen.scale === 1 && window.innerHeight - seen.height > 80
      const root = document.documentElement.style
      if (covered) root.setProperty('--visible-height', `${seen.height}px`)
      else root.removeProperty('--visible-height')
      if (covered) window.scrollTo(0, 0)
    }
    seen.addEventListener('resize', fit)
    return () => seen.removeEventListener('resize', fit)
  }, [])
}
