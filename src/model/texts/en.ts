import type { Role } from '../contact.ts'
import { alertNote, alertOverNote } from './alerts-en.ts'
import { ago, duration } from './duration.ts'
import { counted } from './plural.ts'
import type { Texts } from './shape.ts'

const media = new Map(
  Object.entries({
    photo: 'photos',
    image: 'pictures',
    voice: 'voice messages',
    audio: 'audio',
    video: 'videos',
    video_note: 'video messages',
    document: 'files',
    file: 'files',
    sticker: 'stickers',
    animation: 'animations',
    location: 'locations',
    contact: 'contact cards',
    poll: 'polls',
    venue: 'places',
    dice: 'dice',
    story: 'stories',
  }),
)

const roles: Record<Role, string> = {
  contact: 'visitor',
  agent: 'agent',
  senior_agent: 'senior agent',
  admin: 'administrator',
  super_admin: 'super administrator',
}

const messages = { one: 'message', other: 'messages' }

export const en: Texts = {
  welcome: (bot) => `Hello! I am ${bot}, a bot. Ask me anything, or pick one of these.`,
  helpIntro: 'Just write your question in your own words. These commands work too:',
  helpOutro: 'You can ask for a human at any time.',
  helpRole: (role) => `You are here as **${roles[role]}**: /status also shows what is waiting.`,
  startDescription: 'Begin anew',
  helpDescription: 'What I can do',
  cancelDescription: 'Stop what we are doing',
  statusDescription: 'Version and uptime',
  unknownCommand: (command) => `I do not know the command ${command}.`,
  nothingToCancel: 'There is nothing to cancel. Just ask your next question.',
  status: ({ version, commit, uptimeMs }) =>
    `I am up and running.\n\nVersion: ${version} (${commit})\n\nUptime: ${duration('en', uptimeMs)}`,
  backlog: ({ unanswered, unsent, failed, oldestMs, requests }) =>
    [
      `Unanswered: ${counted('en', unanswered, messages)}`,
      `Unsent: ${counted('en', unsent, { one: 'reply', other: 'replies' })}`,
      `Given up: ${counted('en', failed, { one: 'reply', other: 'replies' })}${failed > 0 ? ' (`parley outbox`)' : ''}`,
      ...(oldestMs === undefined ? [] : [`Oldest: ${duration('en', oldestMs)}`]),
      `Open requests for a human: ${requests}`,
    ].join('\n\n'),
  spending: ({ spent, limit }) => `Spent on models today: ${spent} of ${limit} USD`,

  noModel: 'I have no ready answer to that: I answer from a fixed set of topics, and this is not among them.',
  noModelForStaff:
    'No language model is configured. Set a key (for example `ANTHROPIC_API_KEY`) and I will answer free questions too.',
  modelUnavailable:
    'I cannot work out an answer right now: the language model I use is not available. Please try again in a few minutes, or ask for a human.',
  assistantAway:
    'I cannot work out an answer to that: my assistant is not available at the moment. My ready answers still work, and you can ask for a human.',
  assistantAwayForStaff:
    'The provider of the language model refuses the key, or the account has no credit. `/health` and `parley doctor` say which.',
  budgetSpent:
    'I cannot work out an answer to that today: I may not spend any more on it. My ready answers still work, and you can ask for a human.',
  budgetSpentForStaff:
    'Nothing is left of the daily budget for language models. Raise `models.budget.daily`, or `LLM_DAILY_BUDGET_USD`, to go on today.',
  modelRefused: 'I cannot answer that one. Try asking differently, or ask for a human.',
  greeting: 'Hello! Ask me anything in your own words.',
  gladToHelp: 'Glad to help. Is there anything else you would like to know?',
  noMatch: 'I do not have an answer to that.',
  leftOpen: (questions) =>
    [
      'I have no ready answer to:',
      questions.map((question) => `- “${question}”`).join('\n'),
      'A human can tell you.',
    ].join('\n\n'),
  farewell: 'Goodbye! I am here whenever you need me.',
  declined: 'All right. Just write when something comes up.',
  whoIAm: (bot) =>
    `I am ${bot}, a bot. Ask me anything in your own words; you can ask for a human at any time.`,
  contactKept:
    'Leave your e-mail or phone number in this chat: I note it for the team, so that they can get back to you.',
  contactOffer:
    'I can pass a note to the team from here. Or leave your e-mail or phone number in this chat, and they can get back to you.',
  complaint:
    'I am sorry to hear that. I am only a bot: would you like to talk to a human of the team about it?',
  helpHint: 'Send /help to see what I can do, or ask for a human.',
  topicsIntro: 'Here is what I can tell you about:',
  mediaUnreadable: (kind) =>
    `I cannot read ${media.get(kind) ?? 'this kind of message'} yet. Please write it as text, and I will gladly help.`,
  emptyMessage: 'Your message arrived empty. Please write it once more.',
  staleButton: 'That button no longer works. Please write what you need.',

  rephraseLabel: 'Ask differently',
  humanLabel: 'Ask for a human',
  offerRephraseOrHuman: 'Not quite what you meant? Ask in other words, or talk to a human.',
  offerHuman: 'I am not sure about this answer. A human can tell you for certain: shall I ask one?',
  frustrated:
    'I am sorry, I am not helping you well. Would you rather talk to a human, or ask in other words?',
  askToRephrase: 'Please tell me in other words what you would like to know. An example helps.',

  notePassedOn:
    'I have passed a note to the team, with your last messages. I cannot say how soon somebody will read it. Leave your e-mail or phone number here and they can get back to you; meanwhile I keep answering.',
  noteAlreadyPassedOn: (agoMs, address) =>
    address
      ? `The team has your request already (${ago('en', agoMs)}), together with ${address}. Meanwhile I keep answering.`
      : `The team has your request already (${ago('en', agoMs)}). Leave your e-mail or phone number here and they can get back to you; meanwhile I keep answering.`,
  nobodyReachable:
    'I cannot reach anybody of the team from here. Please leave your e-mail or phone number in this chat: it is kept for the team together with your request.',
  requestHeld:
    'Your request is kept for the team, but I have sent them no note: too many requests have come in during the last hour. They find yours when they next look through the open ones; I cannot say how soon that is. Leave your e-mail or phone number here and it is kept with your request; meanwhile I keep answering.',
  nobodyReachableYet: (agoMs, address) =>
    address
      ? `Your request is kept for the team (${ago('en', agoMs)}), together with ${address}, but I cannot reach anybody from here.`
      : `Your request is kept for the team (${ago('en', agoMs)}), but I cannot reach anybody from here. Please leave your e-mail or phone number in this chat.`,
  addressIncomplete:
    'That does not look like a complete address to me. Please write it once more, as in name@example.org, or leave a phone number.',
  addressKept: (address) => `Thank you. I have noted ${address} for the team.`,
  addressPassedOn: (address) => `Thank you. I have passed ${address} on to the team.`,

  budgetWarningNote: ({ spent, limit, until }) =>
    `**The budget for language models runs low**\n\n${spent} of ${limit} USD are spent today. When it is used up I go on without models until ${until}.`,
  budgetSpentNote: ({ spent, limit, until }) =>
    `**The budget for language models is used up**\n\n${spent} of ${limit} USD are spent today, and what is left does not cover a call. Until ${until} I answer from the ready answers and offer a human. A larger \`models.budget.daily\` takes effect at once.`,

  alertNote,
  alertOverNote,

  noteTitle: 'Somebody asks for a human',
  noteAddressTitle: 'A way to reach somebody',
  noteWho: ({ name, channel, id }) => `Who: ${name} (${channel}, ${id})`,
  noteConversation: (id) => `Conversation: ${id}`,
  noteReason: (reason) => `Reason: ${reason === 'asked' ? 'asked in their own words' : 'pressed the button'}`,
  noteLastWords: 'Last words:',
  noteNoWords: 'They have not written anything yet.',

  limitHour: (limit, from) =>
    `You have reached the limit of ${counted('en', limit, messages)} an hour. I can answer you again ${from}. What you write until then is kept, but I do not answer it, and if much more comes I pause for longer.`,
  limitDay: (limit, from) =>
    `You have reached the limit of ${counted('en', limit, messages)} a day. I can answer you again ${from}. What you write until then is kept, but I do not answer it, and if much more comes I pause for longer.`,
  limitRepeat: (count) =>
    `You have sent me the same message ${count} times in a row. I have read it; please write something else. If it goes on, I stop answering for a while.`,
  limitLinks: (count) =>
    `You have sent me ${count} messages of links within seconds. Please tell me in words what you need. If it goes on, I stop answering for a while.`,
  banned: (from) =>
    `I have stopped answering you for a while. I can answer you again ${from}. If you think that is a mistake, please contact the team in another way.`,
  limitEnded:
    'You had reached a limit, and I left out what you wrote after it. I can answer you again now: please write once more what matters.',
  callLimit: (from) =>
    `I have worked out as many answers for you as I may for now. I can do so again ${from}. Until then I answer from what I have ready, and a human can help as well.`,
  fromMoment: (moment, ahead) => `from ${moment} (${ahead})`,

  apology:
    'I am sorry: something went wrong on my side and I could not answer. Your message is kept. Please try once more, or ask for a human.',
  blocked: 'This chat is blocked. If you think that is a mistake, please contact the team in another way.',
}
