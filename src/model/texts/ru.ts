import type { Role } from '../contact.ts'
import { ago, duration } from './duration.ts'
import { counted } from './plural.ts'
import type { Texts } from './shape.ts'

const media = new Map(
  Object.entries({
    photo: 'фотографии',
    image: 'картинки',
    voice: 'голосовые сообщения',
    audio: 'аудио',
    video: 'видео',
    video_note: 'видеосообщения',
    document: 'файлы',
    file: 'файлы',
    sticker: 'стикеры',
    animation: 'анимации',
    location: 'геопозиции',
    contact: 'контакты',
    poll: 'опросы',
  }),
)

const roles: Record<Role, string> = {
  contact: 'посетитель',
  agent: 'оператор',
  senior_agent: 'старший оператор',
  admin: 'администратор',
  super_admin: 'главный администратор',
}

const replies = { one: 'ответ', few: 'ответа', many: 'ответов', other: 'ответа' }
const messages = { one: 'сообщение', few: 'сообщения', many: 'сообщений', other: 'сообщения' }

export const ru: Texts = {
  welcome: (bot) => `Здравствуйте! Я ${bot}, бот. Задайте любой вопрос или выберите кнопку.`,
  helpIntro: 'Просто напишите вопрос своими словами. Есть и команды:',
  helpOutro: 'В любой момент можно попросить позвать человека.',
  helpRole: (role) => `Ваша роль здесь: **${roles[role]}**. Вам /status показывает и то, что ждёт очереди.`,
  startDescription: 'Начать сначала',
  helpDescription: 'Что я умею',
  cancelDescription: 'Прервать начатое',
  statusDescription: 'Версия и время работы',
  unknownCommand: (command) => `Я не знаю команды ${command}.`,
  nothingToCancel: 'Отменять нечего. Просто задайте следующий вопрос.',
  status: ({ version, commit, uptimeMs }) =>
    `Я на связи.\n\nВерсия: ${version} (${commit})\n\nВремя работы: ${duration('ru', uptimeMs)}`,
  backlog: ({ unanswered, unsent, failed, oldestMs, requests }) =>
    [
      `Без ответа: ${counted('ru', unanswered, messages)}`,
      `Не отправлено: ${counted('ru', unsent, replies)}`,
      `Отправить не удалось: ${counted('ru', failed, replies)}`,
      ...(oldestMs === undefined ? [] : [`Ожидание самого старого: ${duration('ru', oldestMs)}`]),
      `Открытых просьб позвать человека: ${requests}`,
    ].join('\n\n'),

  noModel: 'На это у меня нет готового ответа: я отвечаю на определённый круг тем, и этой среди них нет.',
  noModelForStaff:
    'Языковая модель не настроена. Задайте ключ (например, `ANTHROPIC_API_KEY`), и я смогу отвечать на свободные вопросы.',
  modelUnavailable:
    'Сейчас я не могу подготовить ответ: языковая модель, которой я пользуюсь, недоступна. Попробуйте через несколько минут или попросите позвать человека.',
  modelRefused: 'На это я ответить не могу. Спросите иначе или попросите позвать человека.',
  noMatch: 'На это у меня нет ответа.',
  topicsIntro: 'Вот о чём я могу рассказать:',
  mediaUnreadable: (kind) =>
    `Я пока не умею читать ${media.get(kind) ?? 'такие сообщения'}. Напишите, пожалуйста, текстом, и я с радостью помогу.`,
  emptyMessage: 'Сообщение пришло пустым. Напишите, пожалуйста, ещё раз.',
  staleButton: 'Эта кнопка больше не действует. Напишите, пожалуйста, что вам нужно.',

  rephraseLabel: 'Спросить иначе',
  humanLabel: 'Позвать человека',
  offerRephraseOrHuman: 'Не совсем то? Спросите другими словами или позовите человека.',
  offerHuman: 'Я не уверен в этом ответе. Человек скажет точно: позвать?',
  frustrated: 'Простите, у меня плохо получается вам помочь. Позвать человека или попробуете спросить иначе?',
  askToRephrase: 'Расскажите, пожалуйста, другими словами, что вы хотите узнать. Лучше всего с примером.',

  notePassedOn:
    'Я передал вашу просьбу команде вместе с последними сообщениями. Как скоро её прочтут, сказать не могу. Оставьте здесь e-mail, и вам смогут написать; а я пока продолжу отвечать.',
  noteAlreadyPassedOn: (agoMs) =>
    `Ваша просьба уже у команды (${ago('ru', agoMs)}). Оставьте здесь e-mail, и вам смогут написать; а я пока продолжу отвечать.`,
  nobodyReachable:
    'Отсюда я не могу связаться ни с кем из команды. Оставьте, пожалуйста, e-mail в этом чате: он сохранится для команды вместе с вашей просьбой.',
  nobodyReachableYet: (agoMs) =>
    `Ваша просьба сохранена для команды (${ago('ru', agoMs)}), но связаться с кем-либо отсюда я не могу. Если ещё не оставили e-mail, напишите его в этом чате.`,
  emailKept: (email) => `Спасибо. Я сохранил ${email} для команды вместе с вашей просьбой.`,
  emailPassedOn: (email) => `Спасибо. Я передал ${email} команде.`,

  noteTitle: 'Просят позвать человека',
  noteEmailTitle: 'К просьбе оставлен e-mail',
  noteWho: ({ name, channel, id }) => `Кто: ${name} (${channel}, ${id})`,
  noteConversation: (id) => `Беседа: ${id}`,
  noteReason: (reason) => `Причина: ${reason === 'asked' ? 'попросили словами' : 'нажали кнопку'}`,
  noteLastWords: 'Последние слова:',
  noteNoWords: 'Человек ещё ничего не написал.',

  apology:
    'Простите: у меня произошёл сбой, и я не смог ответить. Ваше сообщение сохранено. Попробуйте ещё раз или попросите позвать человека.',
  blocked: 'Этот чат заблокирован. Если это ошибка, свяжитесь с командой другим способом.',
}
