import { expect, test } from 'vitest'
import { isNearby } from './nearby.ts'

test.each([
  'http://127.0.0.1:11434/v1',
  'http://localhost:11434',
  'http://[::1]:8080/v1',
  'http://10.1.2.3/v1',
  'http://172.31.0.9:8000',
  'http://192.168.178.20:1234',
  'http://ollama:11434/v1',
  'http://host.docker.internal:11434',
  'http://studio.local:1234',
  'http://[fd12:3456::1]/v1',
])('%s is near', (url) => {
  expect(isNearby(url)).toBe(true)
})

test.each([
  'https://api.example.com/v1',
  'https://10.example.com/v1',
  'http://8.8.8.8/v1',
  'http://172.32.0.1/v1',
  'http://192.169.0.1/v1',
  'http://[2001:db8::1]/v1',
  'https://internal.example.com',
  'nonsense',
  undefined,
])('%s is not', (url) => {
  expect(isNearby(url)).toBe(false)
})
