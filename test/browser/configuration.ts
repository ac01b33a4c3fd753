/** What the bot of these tests is: a greeting with buttons, a command, and a model behind it. */
export const configuration = `
bot:
  name: Harbour
  tagline: { en: "Answers at any hour, from a person when you want one.", ru: "Отвечает в любое время." }
  languages: [en, ru]
  welcome:
    text: { en: "Hello! Ask about services, prices or how we work, or tell me about your project.", ru: "Здравствуйте!" }
    buttons:
      - { label: { en: "What do you do?", ru: "Что вы делаете?" }, action: "cmd:services" }
      - { label: { en: "What does it cost?", ru: "Сколько это стоит?" }, action: "cmd:pricing" }
  commands:
    - command: services
      description: { en: "What we do", ru: "Что мы делаем" }
      text: { en: "We build **software** and keep it running.", ru: "Мы делаем программы." }
      buttons:
        - { label: { en: "Prices, please", ru: "Цены" }, action: "cmd:pricing" }
        - { label: { en: "Who are you?", ru: "Кто вы?" }, action: "cmd:help" }
    - command: pricing
      description: { en: "What it costs", ru: "Сколько стоит" }
      text: { en: "Most projects start at **5,000 USD**.", ru: "От 5 000 долларов." }
web:
  quiet_window: 0ms
`
