/**
 * The answer of the fake model: fifty words, each about a token and an event of its own, as providers stream them. The
 * same bytes for every subject.
 */
const words = `This is the whole answer of a model that needs no time at all to think about what it
is going to say because it says the same to everybody who asks it anything and so the only
thing that is measured here is what the program around it costs and nothing else`
  .split(/\s+/)
  .slice(0, 50)

const event = (delta: object, finish: string | null = null, more: object = {}): string =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-fake',
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model: 'fake',
    choices: [{ index: 0, delta, finish_reason: finish }],
    ...more,
  })}\n\n`

const usage = { usage: { prompt_tokens: 40, completion_tokens: words.length, total_tokens: 90 } }

/** One piece of HTTP's chunked encoding (RFC 9112 §7.1). */
const piece = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`

/** The head of the answer, to be sent with the first event. */
export const answerHead =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n'

/** The events, each as a piece of the chunked body; the last ends it. */
export const answerEvents: readonly string[] = words.map((word, index) => {
  const role = index === 0 ? { role: 'assistant' } : {}
  const end = index === words.length - 1 ? `${event({}, 'stop', usage)}data: [DONE]\n\n` : ''
  const body = piece(event({ ...role, content: `${word} ` }) + end)
  return end === '' ? body : `${body}0\r\n\r\n`
})
