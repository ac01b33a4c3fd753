/** What people say around their questions; the whole message must be one of these. */
const phrases = {
  greeting: [
    'hi hello hey hiya yo greetings привет здравствуйте здравствуй приветствую хай салют',
    'hi there|hello there|hey there|good morning|good afternoon|good evening|good day',
    'добрый день|доброе утро|добрый вечер|доброго дня|доброго времени суток|всем привет',
  ],
  thanks: [
    'thanks thx thankyou cheers great ok okay спасибо спс благодарю ок окей отлично супер понятно ясно',
    'thank you|thanks a lot|many thanks|thank you very much|большое спасибо|спасибо большое|спасибо вам',
  ],
} as const

export type SmallTalk = keyof typeof phrases

const meanings = new Map<string, SmallTalk>()
for (const kind of ['greeting', 'thanks'] as const) {
  const [words, ...groups] = phrases[kind]
  for (const phrase of [...words.split(' '), ...groups.flatMap((group) => group.split('|'))])
    meanings.set(phrase, kind)
}

/** Longer messages say something else too. */
const longest = 60

/** Whether a message is nothing but a greeting or thanks. */
export function smallTalkIn(text: string): SmallTalk | undefined {
  if (text.length > longest) return undefined
  const words = text
    .toLowerCase()
    .replaceAll('ё', 'е')
    .replace(/[^\p{L}]+/gu, ' ')
    .trim()
  return meanings.get(words)
}
