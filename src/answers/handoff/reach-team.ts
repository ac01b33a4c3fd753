import { clausesOf } from './asks.ts'

const end =
  '(?: (?:please|pls|directly|here|today|now|by (?:phone|e-?mail|telegram)|per e-?mail|пожалуйста|напрямую|сейчас|сегодня|по (?:телефону|почте|телефон)))*'
const team =
  '(?:you|you guys|us|someone|somebody|anyone|anybody|your (?:team|company|office|people)|the team)'
const means =
  '(?:phone|telephone|mobile|contact|e-?mail|mail)(?: (?:number|address|details|data|info|information))?|contacts|number to call'
const cases =
  '(?:телефон|номер(?: телефона)?|контакты|контактные данные|контакт|почта|почту|e-?mail|емейл|имейл|мейл)'
const beside =
  '(?:(?:с|к|до|у) (?:вами|вам|вас)|вам|вас|ваш|ваши|ваша|вашу|мне|мы|я|нам|можно|бы|лучше|еще|где|есть|могу|можем|какой|какие|какая|посмотреть|найти|узнать)'

/** A whole clause that asks how the team is reached; "how do I contact my users" is about something else. */
const clauses = [
  `(?:(?:how|where) (?:can|do|could|should|would|may|to) |(?:can|could|may) )?(?:i |we )?(?:contact|reach|call|phone|ring|e-?mail|message|write to|get in touch with|get hold of) ${team}(?: back)?${end}`,
  `(?:(?:how|where) (?:can|do|could|should|would|may) (?:i|we) |how to )(?:get in touch|contact|make contact)${end}`,
  `(?:please )?(?:call|phone|ring) me(?: back)?${end}`,
  `(?:can|could|would) (?:you|someone|somebody) (?:call|phone|ring) (?:me|us)(?: back)?${end}`,
  `(?:(?:what is|what's|what are|where is|where are|give me|tell me|show me|send me|can i have|can i get|do you have|is there|i need) )?(?:your|a|the|any) (?:${means})${end}`,
  `(?:contact|contacts|contact (?:details|info|information|us|you)|phone number|e-?mail address)${end}`,
  `(?:как |куда )?(?:${beside} )*(?:связаться|дозвониться|позвонить|написать вам|обратиться)(?: (?:с вами|к вам|до вас|вам|в (?:компанию|агентство|офис)))?(?: можно)?${end}`,
  `(?:позвоните|перезвоните|наберите)(?: (?:мне|нам))?${end}`,
  `(?:(?:дайте|дай|скажите|подскажите|оставьте|пришлите|покажите|нужен|нужны|нужна|где|есть|какой|какие|какая) )?(?:${beside} )*${cases}(?: (?:для связи|компании|агентства))?${end}`,
]
const clause = new RegExp(`^(?:${clauses.join('|')})$`, 'u')

/** What may stand before it: "hi, could you tell me how I can reach you". */
const lead =
  /^(?:(?:hi|hello|hey|and|so|ok|okay|please|sorry|could you tell me|can you tell me|tell me|i want to know|привет|здравствуйте|добрый день|а|и|ну|скажите|подскажите|пожалуйста) )+/u
/** "tell me how I can contact you": the order of a question asked indirectly. */
const indirect = /^how (i|we) (can|could|may|should) /u

/** Whether a person asks how the team can be reached, in English or Russian. */
export const asksHowToReach = (text: string): boolean =>
  clausesOf(text).some((words) =>
    clause.test(words.join(' ').replace(lead, '').replace(indirect, 'how $2 $1 ')),
  )
