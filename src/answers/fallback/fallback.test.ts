import { describe, expect, test } from 'vitest'
import { messageOf, pressOf, turnOf, type TurnDetails } from '../../../test/support/turn.ts'
import type { StoredMessage } from '../../model/message.ts'
import type { DeclineReason } from '../answers.ts'
import { createFallback, type Topic } from './fallback.ts'

const topics: Topic[] = [
  { label: { en: 'Pricing', ru: 'Цены' }, action: 'faq:pricing' },
  { label: { en: 'Process' }, action: 'faq:process' },
]

const present = { name: 'Quay', reachesTeam: () => true, zone: 'Asia/Kolkata', clock: { now: () => 0 } }

async function answer(
  said: (string | StoredMessage)[],
  declined: DeclineReason[] = [],
  details?: TurnDetails,
) {
  const fallback = createFallback({ topics, languages: ['en', 'ru'], ...present })
  const again = 23 * 60_000
  const given = await fallback.answer(turnOf(said, details), { declined, again, decline: () => undefined })
  if (!given) return expect.unreachable()
  const actions = given.replies.flatMap(({ buttons }) => buttons?.flat().map(({ action }) => action) ?? [])
  return {
    text: given.replies.map(({ text }) => text).join('\n'),
    actions,
    reason: given.trace['reason'],
    given,
  }
}

describe('without an answer', () => {
  test('no model: says what it can do, with topics as buttons, and offers a human', async () => {
    const { text, actions, reason } = await answer(['why is the sky blue?'], ['no_model'])
    expect(text).toMatch(/fixed set of topics[^]*Here is what I can tell you about/)
    expect(text).not.toContain('ANTHROPIC')
    expect(actions).toEqual(['faq:pricing', 'faq:process', 'human:request'])
    expect(reason).toBe('no_model')
  })

  test('what was said beside a question that was answered is passed over, a further question is not', async () => {
    const rest = (text: string) => answer([text], ['no_model'], { isRest: true })
    expect((await rest('We are a startup and quite new to all of this here')).given).toMatchObject({
      replies: [],
      confidence: 1,
    })
    const { text, actions, reason } = await rest('And why is the sky blue?\nHow are you?\nIs *it* red?')
    expect(text).toContain(
      'no ready answer to:\n\n- “And why is the sky blue\\?”\n- “Is \\*it\\* red\\?”\n\n',
    )
    expect(text).not.toContain('How are you')
    expect(actions).toEqual(['human:request'])
    expect(reason).toBe('left_open')
  })

  test('staff also learn how to configure a model', async () => {
    expect((await answer(['hm?'], ['no_model'], { role: 'admin' })).text).toContain('ANTHROPIC_API_KEY')
  })

  test('labels are in the language of the turn where there is one', async () => {
    const { given } = await answer(['почему небо синее?'], [], { language: 'ru' })
    expect(given.replies[0]?.buttons?.flat().map(({ label }) => label)).toEqual([
      'Цены',
      'Process',
      'Позвать человека',
    ])
  })

  test('a failed model is named as what it is, and a human comes first', async () => {
    const { text, actions, reason } = await answer(['why?'], ['no_match', 'model_failed'])
    expect(text).toContain('language model I use is not available')
    expect(actions).toEqual(['human:request', 'rephrase:request'])
    expect(reason).toBe('model_failed')
  })

  test('a key that is refused is no matter of minutes: says so, with topics and a human; staff learn why', async () => {
    const { text, actions } = await answer(['why?'], ['no_match', 'model_locked'])
    expect(text).toMatch(/assistant is not available at the moment.*ready answers[^]*I can tell you about/)
    expect(text).not.toMatch(/minutes|key/)
    expect(actions).toEqual(['faq:pricing', 'faq:process', 'human:request'])
    expect((await answer(['почему?'], ['model_locked'], { language: 'ru' })).text).toContain(
      'помощник сейчас',
    )
    expect((await answer(['why?'], ['model_locked'], { role: 'admin' })).text).toContain('refuses the key')
  })

  test('no money: says so, what works all the same, and offers a human; staff learn what to change', async () => {
    const { text, actions, reason } = await answer(['why?'], ['no_match', 'budget_spent'])
    expect(text).toMatch(/may not spend any more on it[^]*Here is what I can tell you about/)
    expect(text).not.toContain('models.budget')
    expect(actions).toEqual(['faq:pricing', 'faq:process', 'human:request'])
    expect(reason).toBe('budget_spent')
    const forStaff = await answer(['почему?'], ['budget_spent'], { role: 'admin', language: 'ru' })
    expect(forStaff.text).toMatch(/средств на это больше нет[^]*models\.budget\.daily/)
  })

  test('a refusal by the provider is no failure', async () => {
    expect((await answer(['why?'], ['model_refused'])).text).toContain('I cannot answer that one')
  })

  test('who is frustrated is offered a human besides', async () => {
    const { text, given } = await answer(['why?'], ['frustrated', 'no_match'])
    expect(given.replies).toHaveLength(2)
    expect(text).toContain('I am sorry, I am not helping you well')
  })

  test('who has asked the model often enough is told from when, and what works meanwhile', async () => {
    const { text, actions, reason } = await answer(['why is that?'], ['call_limit', 'no_match'])
    expect(reason).toBe('call_limit')
    expect(text).toContain('again from 05:53 (in 23 minutes)')
    expect(actions).toEqual(['faq:pricing', 'faq:process', 'human:request'])
  })

  test('without topics it points to the help', async () => {
    const bare = createFallback({ topics: [], languages: [], ...present })
    const given = await bare.answer(turnOf(['hm']))
    expect(given?.replies[0]?.text).toContain('/help')
  })

  test('no more than eight topics are shown', async () => {
    const many = Array.from({ length: 40 }, (_, index) => ({
      label: { en: `T${index}` },
      action: `faq:${index}`,
    }))
    const given = await createFallback({ topics: many, languages: ['en'], ...present }).answer(turnOf(['hm']))
    expect(given?.replies[0]?.buttons?.flat()).toHaveLength(9)
  })
})

describe('what is said around questions', () => {
  test.each([
    ['hi', 'Hello!'],
    ['ok thanks', 'Glad to help'],
    ['bye', 'Goodbye'],
    ['no, thanks', 'All right'],
  ])('%s gets a friendly word and no human', async (said, words) => {
    const { text, actions } = await answer([said], ['no_model'])
    expect(text).toContain(words)
    expect(text.length).toBeLessThan(80)
    expect(actions).not.toContain('human:request')
  })
})

test('who asks who this is learns the name, and that it is a bot', async () => {
  expect((await answer(['Who am I talking to?'], ['no_model'])).text).toContain('I am Quay, a bot')
  expect((await answer(['ты бот?'], ['no_model'], { language: 'ru' })).text).toContain('Я Quay, бот')
})

describe('a wish for the team', () => {
  test('promises no note where none can be sent', async () => {
    const alone = createFallback({ topics, languages: ['en'], ...present, reachesTeam: () => false })
    const asked = { declined: ['contact' as const], decline: () => undefined }
    const given = await alone.answer(turnOf(['contact']), asked)
    expect(given?.replies[0]?.text).toMatch(/^Leave your e-mail or phone number/)
  })

  test('to reach it is offered a human, also where the rest was answered', async () => {
    for (const details of [{}, { isRest: true } as const]) {
      const { text, actions, reason } = await answer(
        ['How can I contact you?'],
        ['contact', 'no_model'],
        details,
      )
      expect(text).toContain('pass a note to the team')
      expect(actions).toEqual(['human:request'])
      expect(reason).toBe('contact')
    }
  })

  test('beside another question leaves none of them out', async () => {
    const said = ['How can I contact you?\nDo you sign an NDA?']
    expect((await answer(said, ['contact', 'no_model'])).text).toMatch(/contact you[^]*sign an NDA/)
  })

  test('to complain is met with regret and a human', async () => {
    const { text, actions } = await answer(['your service is terrible'], ['complaint', 'no_match'])
    expect(text).toContain('sorry to hear that')
    expect(actions).toEqual(['human:request'])
  })
})

describe('messages nobody can read', () => {
  test('media is named', async () => {
    const { text, reason } = await answer([messageOf('', { extra: { media: 'voice' } })])
    expect(text).toContain('cannot read voice messages yet')
    expect(reason).toBe('media')
  })

  test('an empty message is asked for again', async () => {
    expect(await answer([' \n '])).toMatchObject({ reason: 'empty', actions: [] })
  })

  test('a button nobody knows is no question', async () => {
    const { text, reason } = await answer([pressOf('faq:gone')], ['no_model'])
    expect(text).toContain('no longer works')
    expect(reason).toBe('stale_button')
  })
})
