import { describe, expect, test } from 'vitest'
import { complains } from './complaint.ts'
import { asksHowToReach } from './reach-team.ts'

describe('how the team is reached', () => {
  test.each([
    'How can I contact you?',
    'how do I reach you',
    'Hi, could you tell me how I can get in touch with you?',
    'what is your phone number',
    "What's your e-mail address, please?",
    'do you have a phone number',
    'can I call you?',
    'call me back please',
    'contact',
    'Contact details?',
    'как с вами связаться',
    'Как с вами можно связаться?',
    'Здравствуйте! Подскажите, как до вас дозвониться?',
    'дайте контакты',
    'ваш телефон',
    'какой у вас номер телефона?',
    'можно вам позвонить?',
    'перезвоните мне, пожалуйста',
  ])('is asked by "%s"', (text) => {
    expect(asksHowToReach(text)).toBe(true)
  })

  test.each([
    'How do I contact my users by e-mail?',
    'who do I contact during the project',
    'how often can I call you during the project',
    'Can the app reach users in China?',
    'how late can I call you',
    'can you build a contact form',
    'we need a mobile app',
    'do you have a mobile team',
    'как связаться с базой данных из Python',
    'как организована связь',
    'можно ли связаться в любое время суток',
    'нужен мобильный телефонный справочник',
    '',
  ])('is not asked by "%s"', (text) => {
    expect(asksHowToReach(text)).toBe(false)
  })
})

describe('a complaint', () => {
  test.each([
    'your service is terrible',
    'Your support team is really awful!',
    'you are scammers',
    'this is the worst agency',
    'I hate your support',
    "I'm not satisfied with your work",
    'I am very disappointed with your company',
    'I want to make a complaint',
    'Ваш сервис ужасный',
    'ваша поддержка отвратительна',
    'вы ужасно работаете',
    'вы мошенники!',
    'я недоволен вашей работой',
    'хочу пожаловаться',
    'хочу подать жалобу',
  ])('is "%s"', (text) => {
    expect(complains(text)).toBe(true)
  })

  test.each([
    'Our servers are terrible, can you help?',
    'our hosting provider is terrible',
    'Is your support terrible at night?',
    'we need a complaint form on our site',
    'нам нужна система учёта жалоб',
    'наш сайт ужасный, переделаете?',
    'вы делаете сайты?',
    'у нас ужасно медленный деплой',
    '',
  ])('is not "%s"', (text) => {
    expect(complains(text)).toBe(false)
  })
})

test('a megabyte of almost-requests is read in passing', () => {
  for (const text of [
    'how can I '.repeat(100_000),
    'your very '.repeat(100_000),
    'вы так '.repeat(100_000),
  ]) {
    const began = performance.now()
    expect(asksHowToReach(text) || complains(text)).toBe(false)
    expect(performance.now() - began).toBeLessThan(200)
  }
})
