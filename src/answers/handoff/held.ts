import type { Language } from '../../model/language.ts'

/** Said when the request is kept and the team has had its notes for this hour. */
export const requestHeld: Record<Language, string> = {
  en: 'Your request is kept for the team, but I have sent them no note: too many requests have come in during the last hour. They find yours when they next look through the open ones; I cannot say how soon that is. Leave your e-mail here and it is kept with your request; meanwhile I keep answering.',
  ru: 'Ваша просьба сохранена для команды, но уведомление не отправлено: за последний час пришло слишком много просьб. Команда увидит её, когда в следующий раз просмотрит открытые просьбы; как скоро это будет, я не знаю. Оставьте здесь e-mail, он сохранится вместе с просьбой; а я пока продолжу отвечать.',
}
