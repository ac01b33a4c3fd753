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
  farewell: [
    'bye goodbye byebye ciao farewell пока бай прощайте',
    'bye bye|good bye|see you|see you later|see you soon|have a nice day|good night|take care|до свидания|до встречи|всего доброго|всего хорошего|спокойной ночи|хорошего дня|пока пока',
  ],
  no: [
    'no nope nah нет неа',
    'not now|not really|nothing else|no need|never mind|that is all|that s all|не надо|не нужно|не сейчас|больше ничего|это все|ничего не надо',
  ],
  identity: [
    'whoami',
    'who are you|what are you|who is this|what is this|are you a bot|are you a robot|are you a machine|are you an ai|are you ai|are you human|are you a human|are you real|are you a real person|are you a person|is this a bot|is it a bot|what is your name|what s your name|who am i talking to|who am i speaking to|who am i speaking with|who am i chatting with|am i talking to a bot|am i talking to a human|am i talking to a person|am i talking to a real person|am i speaking to a human',
    'кто ты|кто вы|ты кто|вы кто|кто вы такие|кто ты такой|кто это|ты бот|вы бот|ты робот|вы робот|это бот|это робот|ты человек|вы человек|ты живой|вы живой человек|ты живой человек|как тебя зовут|как вас зовут|с кем я говорю|с кем я разговариваю|с кем я общаюсь|я говорю с ботом|я разговариваю с ботом|я общаюсь с ботом|я говорю с человеком',
  ],
  /** They go with the others, and say nothing alone. */
  beside: [
    'there all everyone again dear so very much you today alright then ну и всем большое огромное вам тебе все очень',
    'a lot|many|for your help|for the help|for help|for your time|for the answer|for your answer|that helped|за помощь|за ответ|за информацию',
  ],
} as const

export type SmallTalk = 'greeting' | 'thanks' | 'farewell' | 'no' | 'identity'

/** Of several in one message, the one to answer: the first of these. */
const order = ['identity', 'farewell', 'no', 'thanks', 'greeting'] as const

const meanings = new Map<string, keyof typeof phrases>()
for (const kind of [...order, 'beside'] as const) {
  const [words, ...groups] = phrases[kind]
  for (const phrase of [...words.split(' '), ...groups.flatMap((group) => group.split('|'))])
    meanings.set(phrase, kind)
}

/** Longer messages say something else too. */
const longest = 60
/** Words of the longest phrase. */
const phraseLength = 7

/** Whether a message is nothing but a greeting, thanks, a goodbye, a no, or a question who this is. */
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
  return order.find((kind) => kinds.has(kind))
}

/** How many words the longest phrase here has; 0 where there is none. */
function phraseAt(words: readonly string[], start: number): number {
  for (let length = Math.min(phraseLength, words.length - start); length > 0; length--)
    if (meanings.has(words.slice(start, start + length).join(' '))) return length
  return 0
}
