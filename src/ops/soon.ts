/** What has not come by then counts as away, in milliseconds. */
const patienceMs = 2000

/** The answer; rejects when it takes too long. */
export async function soon<T>(answer: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('no answer yet')), patienceMs)
  return Promise.race([answer, late]).finally(() => clearTimeout(timer))
}
