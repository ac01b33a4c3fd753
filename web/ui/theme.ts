import { useSyncExternalStore } from 'react'
import { openStorage } from './storage.ts'

export type Theme = 'light' | 'dark'

/** Read before the first paint by `public/theme.js`. */
const key = 'parley.theme'
const system = matchMedia('(prefers-color-scheme: dark)')
const changes = new EventTarget()

function current(): Theme {
  const chosen = document.documentElement.dataset.theme
  if (chosen === 'light' || chosen === 'dark') return chosen
  return system.matches ? 'dark' : 'light'
}

function choose(theme: Theme): void {
  document.documentElement.dataset.theme = theme
  openStorage().setItem(key, theme)
  changes.dispatchEvent(new Event('change'))
}

function subscribe(listener: () => void): () => void {
  system.addEventListener('change', listener)
  changes.addEventListener('change', listener)
  return () => {
    system.removeEventListener('change', listener)
    changes.removeEventListener('change', listener)
  }
}

/** The theme in force, and the way to choose the other one. */
export function useTheme(): { theme: Theme; toggle: () => void } {
  const theme = useSyncExternalStore(subscribe, current)
  return { theme, toggle: () => choose(theme === 'dark' ? 'light' : 'dark') }
}
