/** Anger is in the first lines or nowhere. */
const lengthRead = 1000

/** Said of the bot or of the talk with it; "our servers are useless" is a question to answer. */
const phrases = [
  "(?:this|you|bot)(?:'s|'re| is| are)? (?:(?:so|just|completely|totally|absolutely|really) )?(?:useless|stupid|dumb|worthless|pathetic|ridiculous|no help)",
  '(?:useless|stupid|dumb|damn|bloody) (?:bot|chatbot|machine|robot)',
  '(?:waste of|wasting) (?:my )?time',
  "you(?: are|'re)? (?:not|never) (?:helping|listening|understanding|answering)",
  "you (?:do not|don't|dont) (?:understand|listen|help|get it)",
  "(?:this|that|it)(?:'s| is| was) (?:really )?not (?:helpful|helping|what i asked)",
  "(?:this|that|it) (?:does not|doesn't|did not|didn't) help",
  "not what i(?: have|'ve)? asked",
  "i(?: am|'m) (?:(?:so|really|very|getting) )?(?:frustrated|angry|annoyed|fed up)",
  '(?:just )?answer my question',
  'are you kidding me',
  'бесполезный (?:чат-)?бот',
  '(?:тупой|глупый|дурацкий) (?:чат-)?бот',
  '(?:ты|вы|бот) (?:такой |просто |совсем |совершенно )?(?:туп(?:ой|ая|ые|ишь|ите)|глуп(?:ый|ая|ые)|бесполез(?:ен|ный|ны))',
  '(?:ты|вы) (?:меня |мне |совсем |вообще )*не (?:слыши(?:шь|те)|понимае(?:шь|те)|слушае(?:шь|те)|помогае(?:шь|те)|отвечае(?:шь|те))',
  'ничего не понимае(?:т|шь|те)',
  '(?:ты|вы) (?:издеваешься|издеваетесь|достал|достали|надоел|надоели)',
  '(?:ты|вы|бот) бес(?:ит|ишь|ите)',
  '(?:это|мне) (?:совсем |вообще )?не помог(?:ает|ло)',
  'не то что я (?:спросил|спросила|спрашивал|спрашивала)',
  '(?:трата|трачу) (?:моего |своего |мое |свое )?врем(?:ени|я)',
  '(?:что за|какой|полный) бред',
  'толку (?:от (?:вас|тебя) )?(?:ноль|нет|никакого)',
  'ответь(?:те)? на (?:мой )?вопрос',
]

const phrase = new RegExp(`(?<![\\p{L}\\p{N}])(?:${phrases.join('|')})(?![\\p{L}\\p{N}])`, 'u')
/** Nothing else was said: the whole message is a sigh. */
const sigh = /^(?:ugh|argh|wtf|omg|useless|ridiculous|сколько можно|надоело|достало|бесполезно|ужас|кошмар)$/

/** Whether a person is angry at the bot, in English or Russian. */
export function isFrustrated(text: string): boolean {
  const words = text
    .slice(0, lengthRead)
    .toLowerCase()
    .replaceAll('ё', 'е')
    .replaceAll('’', "'")
    .replace(/[^\p{L}\p{N}'-]+/gu, ' ')
    .trim()
  return phrase.test(words) || sigh.test(words)
}
