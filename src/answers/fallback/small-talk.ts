/** What people say around their questions; the whole message must be made of these. */
const phrases = {
  greeting: [
    'hi hello hey hiya yo greetings привет здравствуйте здравствуй приветствую хай салют приветик',
    'good morning|good afternoon|good evening|good day|how are you|how are you doing|how is it going|how do you do',
    'добрый день|доброе утро|добрый вечер|доброго дня|доброго времени суток|как дела|как поживаете',
  ],
  thanks: [
    'thanks thx thankyou ty cheers great ok okay cool perfect nice спасибо спс спасибочки благодарю ок окей отлично супер понятно ясно хорошо здорово',
    'thank you|much appreciated|got it|i see|all right|sounds good|все понятно|понял|поняла|принято',
  ],
  /** They go with the others, and say nothing alone. */
  beside: [
    'there all everyone again dear so very much you today alright then ну и всем большое огромное вам тебе все очень',
    'a lot|many|for your help|for the help|for help|for your time|for the answer|for your answer|that helped|за помощь|за ответ|за информацию',
  ],
} as const

export type SmallTalk = 'greeting' | 'thanks'

const meanings = new Map<string, keyof typeof phrases>()
for (const kind of ['greeting', 'thanks', 'beside'] as const) {
  const [words, ...groups] = phrases[kind]
  for (const phrase of [...words.split(' '), ...groups.flatMap((group) => group.split('|'))])
    meanings.set(phrase, kind)
}

/** Longer messages say something else too. */
const longest = 60
/** Words of the longest phrase. */
const phraseLength = 4

/** Whether a message is nothing but a greeting or thanks. */
export function smallTalkIn(text: string): SmallTalk | undefined {
  if (text.length > longest) return undefined
  const words =
    text
      .toLowerCase()
      .replaceAll('ё', 'е')
      .match(/[\p{L}\p{N}]+/gu) ?? []
  const kinds = new Set<string>()
  for (let start = 0; start < words.length; ) {
    const length = phraseAt(words, start)
    if (length === 0) return undefined
    kinds.add(meanings.get(words.slice(start, start + length).join(' ')) ?? '')
    start += length
  }
  return (['thanks', 'greeting'] as const).find((kind) => kinds.has(kind))
}

/** How many words the longest phrase here has; 0 where there is none. */
function phraseAt(words: readonly string[], start: number): number {
  for (let length = Math.min(phraseLength, words.length - start); length > 0; length--)
    if (meanings.has(words.slice(start, start + length).join(' '))) return length
  return 0
}
