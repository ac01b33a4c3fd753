/** Longest wait to be counted, in milliseconds: people wait for it. */
const patienceMs = 200

/** The answer, or a rejection when Redis is too slow for people to wait. */
export async function inTime<T>(answer: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('Redis is slow')), patienceMs)
  return Promise.race([answer, late]).finally(() => clearTimeout(timer))
}
