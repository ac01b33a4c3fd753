import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/**
 * Builds the pages into `dist/web`: `index.html` is `/`, `chat/index.html` is `/chat`, and `not-found` and `too-many` have
 * a page for each language, which needs no script.
 */
export default defineConfig({
  root: here('.'),
  plugins: [react()],
  server: {
    host: '127.0.0.1',
    proxy: { '/ws': { target: 'http://127.0.0.1:8000', ws: true }, '/api': 'http://127.0.0.1:8000' },
  },
  build: {
    outDir: here('../dist/web'),
    emptyOutDir: true,
    target: 'es2023',
    // The content security policy allows files of our own only: nothing is inlined as data.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        landing: here('index.html'),
        chat: here('chat/index.html'),
        'not-found-en': here('not-found/en.html'),
        'not-found-ru': here('not-found/ru.html'),
        'too-many-en': here('too-many/en.html'),
        'too-many-ru': here('too-many/ru.html'),
      },
    },
  },
})
