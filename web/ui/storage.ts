/** The browser's storage, or one that lasts as long as the page where it is blocked. */
export function openStorage(): Storage {
  try {
    localStorage.setItem('parley.probe', '1')
    localStorage.removeItem('parley.probe')
    return localStorage
  } catch {
    return memoryStorage()
  }
}

/** A `Storage` that forgets everything with the page. */
export function memoryStorage(): Storage {
  const entries = new Map<string, string>()
  return {
    get length() {
      return entries.size
    },
    key: (index) => [...entries.keys()][index] ?? null,
    getItem: (key) => entries.get(key) ?? null,
    setItem: (key, value) => void entries.set(key, value),
    removeItem: (key) => void entries.delete(key),
    clear: () => entries.clear(),
  }
}
