import type { Measurement } from '../measurement.ts'
export const soak: Measurement = { name: 'soak', about: '', minutes: () => 0, run: async () => ({ method: [], tables: [], notes: [] }) }
