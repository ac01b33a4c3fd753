/** Every message people write carries its own number, so that a call of the model is known to be about it. */
export const textOf = (number: number): string => `Please tell me something interesting, number ${number}`

const marker = 'interesting, number '

/** The number of the last message quoted in a request body. */
export function numberIn(body: string): number {
  const at = body.lastIndexOf(marker)
  return at < 0 ? 0 : Number.parseInt(body.slice(at + marker.length), 10)
}
