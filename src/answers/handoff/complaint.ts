import { clausesOf } from './asks.ts'

const badEnglish =
  'terrible|awful|horrible|dreadful|disgusting|appalling|pathetic|rubbish|garbage|crap|shit|rude|incompetent|unprofessional|a joke|a scam|a fraud|a disaster|liars|crooks|thieves|scammers|the worst|so bad|very bad|really bad'
const how = '(?:(?:so|just|really|absolutely|completely|totally|very|simply|all) )*'
const word = '[\\p{L}-]+'
const owned = `(?:${word} ){1,3}`
const badRussian =
  'ужас(?:ен|на|но|ны|ный|ная|ное|ные)|отвратител(?:ен|ьн\\p{L}+)|кошмарн\\p{L}+|мерзк\\p{L}+|безобразн\\p{L}+|никак\\p{L}+|хуже некуда|дрянь|отстой|мошенники|обманщики|жулики|воры|хамы|хам\\p{L}{1,3}|грубят|непрофессионал\\p{L}+'
const yours = '(?:ваш(?:а|е|и|у|ей|его|их|им|ими)?|у вас|вы)'

/** Said of whoever runs the bot: a judgement on "you" and "your", never a question or one's own misfortune. */
const phrases = [
  `your ${owned}(?:is|are|was|were|has been) ${how}(?:${badEnglish})`,
  `your ${owned}(?:sucks?|stinks?)`,
  `(?:you|you guys|you people)(?: are|'re| were) ${how}(?:${badEnglish})`,
  `(?:this is|you are|you're|it is|it's|it was) (?:the|a|an) ${how}(?:worst|terrible|awful|horrible|dreadful|disgusting) (?:company|agency|service|firm|support|team|experience)`,
  `(?:terrible|awful|horrible|dreadful|disgusting|worst) (?:service|support|company|agency|experience)`,
  `i ${how}(?:hate|despise) (?:you|your (?:${word} ){0,2}${word})`,
  `(?:i|we)(?: am|'m| are|'re)? ${how}(?:not (?:${how})?(?:happy|satisfied|pleased)|unhappy|dissatisfied|disappointed|angry|furious) (?:with|about|at|by) (?:you|your)`,
  `(?:make|file|submit|lodge|have|register) a (?:formal )?complaint`,
  `(?:want|need|like|wish|have) to complain`,
  `you (?:have )?(?:cheated|deceived|scammed|ripped|lied to) (?:me|us|off)`,
  `shame on you`,
  `${yours} (?:\\p{L}+ ){0,3}(?:${badRussian})`,
  `(?:${badRussian}) ${yours}(?: \\p{L}+)?`,
  `(?:ужасн\\p{L}+|отвратительн\\p{L}+|кошмарн\\p{L}+|худш\\p{L}+) (?:сервис|поддержка|компания|агентство|обслуживание|контора|отношение)`,
  `${yours} (?:\\p{L}+ )?худш\\p{L}+`,
  `(?:не ?довол(?:ен|ьна|ьны)|разочарован(?:а|ы)?|возмущен(?:а|ы)?) (?:ваш|вами)\\p{L}*`,
  `(?:хочу|хотел бы|хотела бы|хотим|буду|нужно|надо) (?:по)?жаловаться`,
  `(?:подать|оставить|написать|есть) жалоб[ауы]`,
  `вы (?:меня |нас )?(?:обманули|кинули|подвели)`,
]
const phrase = new RegExp(`(?<![\\p{L}\\p{N}])(?:${phrases.join('|')})(?![\\p{L}\\p{N}])`, 'u')
const question = /[?？]/u

/** Whether a person complains about whoever runs the bot, in English or Russian. */
export const complains = (text: string): boolean =>
  sentencesOf(text).some(
    (sentence) =>
      !question.test(sentence) && clausesOf(sentence).some((words) => phrase.test(words.join(' '))),
  )

/** Complaints stand at the beginning, as `clausesOf` reads no further. */
const sentencesOf = (text: string): string[] => text.slice(0, 1000).split(/(?<=[.!?？…\n])/u)
