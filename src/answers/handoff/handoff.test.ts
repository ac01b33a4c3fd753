import { describe, expect, test } from 'vitest'
import { messageOf, pressOf, turnOf } from '../../../test/support/turn.ts'
import { commitOf } from '../../../test/support/writer.ts'
import { textsOf } from '../../model/texts/texts.ts'
import type { Handoff } from '../../store/store.ts'
import type { DeclineReason } from '../answers.ts'
import { createHandoff } from './handoff.ts'
import type { HandoffNeeds } from './needs.ts'
import type { NoteTarget } from './note.ts'

const hour = 3_600_000
const group: NoteTarget = {
  channel: 'telegram',
  account: '42',
  chatId: '-100777',
  threadId: '',
  kind: 'group',
  repliesAre: 'queued',
}
const opened: Handoff = {
  id: 'h1',
  conversationId: 'conversation-1',
  contactId: 'contact-1',
  reason: 'asked',
  summary: 'How much is a shop?',
  createdAt: 10 * hour,
  notes: 1,
  notedAt: 10 * hour,
}

const create = ({
  targets = [group],
  open = undefined as Handoff | undefined,
  now = 12 * hour,
  notes = 0,
  contact = undefined as HandoffNeeds['contact'],
} = {}) =>
  createHandoff({
    targets,
    languages: ['ru', 'en'],
    contact,
    read: {
      openOf: async (id) => (id === open?.contactId ? open : undefined),
      notes: async (channel, after, until) => (channel === 'web' && until - after === hour ? notes : 0),
    },
    clock: { now: () => now },
    events: { handoffOffered: () => undefined },
  })
const actionsOf = (reply: { buttons?: { action: string }[][] } | undefined) =>
  reply?.buttons?.flat().map(({ action }) => action)

describe('a request for a human', () => {
  test('is stored, and a note in the default language goes to every target', async () => {
    const past = [messageOf('How much is a shop?'), messageOf('From 20k.', { author: 'bot' })]
    const direct: NoteTarget = { ...group, chatId: '5', kind: 'private' }
    const answer = await create({ targets: [group, direct] }).answer(
      turnOf(['/start', 'talk to a human'], { past }),
    )
    expect(answer?.replies[0]?.text).toContain('I have passed a note to the team')
    const { handoffs, posts } = await commitOf(answer)
    expect(handoffs).toMatchObject([
      {
        conversationId: 'conversation-1',
        contactId: 'contact-1',
        reason: 'asked',
        summary: 'How much is a shop?\ntalk to a human',
        createdAt: 12 * hour,
        notes: 1,
        notedAt: 12 * hour,
      },
    ])
    expect(posts.map(({ to }) => to.chatId)).toEqual(['-100777', '5'])
    expect(posts[0]).toMatchObject({
      repliesAre: 'queued',
      to: { channel: 'telegram', account: '42', kind: 'group' },
    })
    expect(posts[0]?.text).toBe(
      `**Просят позвать человека**

Кто: \`Anna\` (web, \`visitor-1\`)

Беседа: \`conversation-1\`

Причина: попросили словами

Последние слова:

> \`How much is a shop?\`
>
> \`talk to a human\``,
    )
    expect(answer?.trace).toMatchObject({ trigger: 'asked', notes: 2, handoff: handoffs[0]?.id })
  })

  test('by button says so, without words of the person', async () => {
    const { posts } = await commitOf(await create().answer(turnOf([pressOf('human:request')])))
    expect(posts[0]?.text).toMatch(/нажали кнопку[^]*ещё ничего не написал/)
  })

  test("a person's words cannot break out of the note, nor fill it", async () => {
    const name = '**boss**\n# [click](https://evil.example) '.repeat(50)
    const said = `talk to a human\n\n**Просят** \`x\` ${'<b>'.repeat(100_000)}`
    const { posts, handoffs } = await commitOf(await create().answer(turnOf([said], { contact: { name } })))
    const outsideCode = posts[0]?.text.replace(/(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)/g, '') ?? ''
    expect(outsideCode).not.toMatch(/[`<[#]|evil|boss/)
    expect(outsideCode.match(/\*\*/g)).toHaveLength(2)
    expect(posts[0]?.text.length).toBeLessThan(2500)
    expect(handoffs[0]?.summary.length).toBeLessThanOrEqual(1000)
  })

  test('that nobody can receive is stored, and an e-mail address is asked for', async () => {
    const answer = await create({ targets: [] }).answer(turnOf(['позовите оператора'], { language: 'ru' }))
    expect(answer?.replies[0]?.text).toMatch(/не могу связаться ни с кем[^]*e-mail/)
    const { handoffs, posts } = await commitOf(answer)
    expect(handoffs).toMatchObject([{ notes: 0, notedAt: undefined }])
    expect(posts).toEqual([])
  })

  test('made in the very chat the notes go to sends no note there', async () => {
    const { account, channel, chatId, threadId } = group
    const answer = await create().answer(
      turnOf(['human please'], { conversation: { account, channel, chatId, threadId } }),
    )
    expect(answer?.replies[0]?.text).toContain('cannot reach anybody')
    expect((await commitOf(answer)).posts).toEqual([])
  })

  test('made again says so instead of a second note, until a day has passed', async () => {
    const again = await create({ open: opened }).answer(turnOf([pressOf('human:request')]))
    expect(again?.replies[0]?.text).toContain('has your request already (2 hours ago)')
    expect(await commitOf(again)).toMatchObject({ handoffs: [], posts: [] })
    const unreachable = await create({ open: opened, targets: [] }).answer(turnOf(['human']))
    expect(unreachable?.replies[0]?.text).toContain('is kept for the team (2 hours ago)')
    for (const targets of [[group], []]) {
      const known = { ...opened, summary: 'How much is a shop?\n+1 202 555 0100' }
      const told = (await create({ open: known, targets }).answer(turnOf(['human'])))?.replies[0]?.text
      expect(told).toMatch(/together with \\\+1 202 555 0100/)
      expect(told).not.toContain('Leave your')
    }
    const nextDay = await create({ open: opened, now: 40 * hour }).answer(turnOf(['human']))
    expect((await commitOf(nextDay)).posts).toHaveLength(1)
  })

  test('made again in another conversation of the person is the same one', async () => {
    const elsewhere = { conversation: { id: 'conversation-2', chatId: 'chat-2' } }
    const again = await create({ open: opened }).answer(turnOf(['human please'], elsewhere))
    expect(again?.replies[0]?.text).toContain('has your request already')
    expect(again?.trace).toMatchObject({ trigger: 'repeated', handoff: 'h1', notes: 0 })
    expect(await commitOf(again)).toMatchObject({ handoffs: [], posts: [] })
    const other = await create({ open: opened }).answer(
      turnOf(['human please'], { contact: { id: 'contact-2' } }),
    )
    expect((await commitOf(other)).posts).toHaveLength(1)
  })

  test('after the notes of an hour is kept, and said to be kept; a note follows when there is room', async () => {
    const answer = await create({ notes: 30 }).answer(turnOf(['talk to a human']))
    expect(answer?.replies[0]?.text).toMatch(/is kept for the team, but I have sent them no note/)
    expect(answer?.trace).toMatchObject({ trigger: 'asked', notes: 0, limit: 'notes_an_hour' })
    const { handoffs, posts } = await commitOf(answer, { notes: 30 })
    expect(handoffs).toMatchObject([{ notes: 0, notedAt: undefined }])
    expect(posts).toEqual([])

    const open = { ...opened, notes: 0, notedAt: undefined }
    const again = await create({ open, notes: 30 }).answer(turnOf(['talk to a human']))
    expect(again?.replies[0]?.text).toMatch(/is kept for the team, but I have sent them no note/)
    expect(again?.trace).toMatchObject({ trigger: 'repeated', limit: 'notes_an_hour' })
    const later = await create({ open, notes: 29 }).answer(turnOf(['talk to a human']))
    expect(later?.replies[0]?.text).toContain('I have passed a note to the team')
    const written = await commitOf(later, { open, notes: 29 })
    expect(written.handoffs).toMatchObject([{ id: 'h1', notes: 1, notedAt: 12 * hour }])
    expect(written.posts).toHaveLength(1)
  })

  test('is answered anew when another of the person, or the last note of the hour, was committed first', async () => {
    const answer = await create().answer(turnOf(['talk to a human']))
    await expect(commitOf(answer, { open: opened })).rejects.toThrow('came first')
    await expect(commitOf(answer, { notes: 30 })).rejects.toThrow('came first')
    const email = await create({ open: opened }).answer(turnOf(['anna@example.com']))
    await expect(commitOf(email, { open: { ...opened, notes: 2 } })).rejects.toThrow('came first')
  })
})

test('in a rehearsal all is answered, and nothing kept', async () => {
  const needs = { targets: [group], languages: ['en'] as const, clock: { now: () => 0 } }
  const read = { openOf: async () => undefined, notes: async () => 0 }
  const events = { handoffOffered: () => expect.unreachable() }
  const rehearsing = createHandoff({
    ...needs,
    read,
    events,
    isRehearsal: ({ channel }) => channel === 'web',
  })
  for (const said of ['talk to a human', 'anna@example.com']) {
    const answer = await rehearsing.answer(turnOf([said]))
    expect(answer?.replies[0]?.text).toContain('passed')
    expect(answer?.trace['rehearsal']).toBe(true)
    expect(await commitOf(answer)).toMatchObject({ handoffs: [], posts: [] })
  }
})

describe('an e-mail address', () => {
  test('left after a request is kept with it and passed on once, in whichever conversation', async () => {
    const elsewhere = { conversation: { id: 'conversation-2' } }
    const answer = await create({ open: opened }).answer(turnOf(['it is anna_b@example.com'], elsewhere))
    expect(answer?.replies[0]?.text).toContain('passed anna\\_b\\@example\\.com on')
    const { handoffs, posts } = await commitOf(answer, { open: opened })
    expect(posts[0]?.text).toMatch(/связаться[^]*`conversation-2`[^]*> `it is anna_b@example\.com`$/)
    expect(handoffs).toMatchObject([
      { id: 'h1', notes: 2, summary: 'How much is a shop?\nit is anna_b@example.com' },
    ])

    const [open = opened] = handoffs
    const second = await create({ open }).answer(turnOf(['or anna@example.org']))
    expect(second?.replies[0]?.text).toContain('I have noted anna\\@example\\.org')
    const kept = await commitOf(second, { open })
    expect(kept.posts).toEqual([])
    expect(kept.handoffs[0]?.summary).toBe(
      'How much is a shop?\nit is anna_b@example.com\nor anna@example.org',
    )
    expect(
      (await commitOf(await create({ open }).answer(turnOf(['anna_b@example.com'])), { open })).handoffs,
    ).toMatchObject([{ summary: open.summary, notes: 2 }])
  })

  test('after the notes of an hour is kept', async () => {
    const answer = await create({ open: opened, notes: 30 }).answer(turnOf(['anna@example.com']))
    expect(answer?.replies[0]?.text).toContain('I have noted anna\\@example\\.com for the team')
    expect(answer?.trace).toMatchObject({ notes: 0, limit: 'notes_an_hour' })
    expect((await commitOf(answer, { open: opened, notes: 30 })).posts).toEqual([])
  })

  test('with a question leaves the question to others', async () => {
    const said = 'anna@example.com. And how much does a web application cost?'
    expect((await create({ open: opened }).answer(turnOf([said])))?.leaves).toMatchObject([{ text: said }])
  })

  test('without a request is one, with what was said beside it', async () => {
    const said = 'We need a web shop by May. Reach me at anna@example.com, or by phone'
    const answer = await create().answer(turnOf([said]))
    expect(answer?.replies[0]?.text).toContain('passed anna\\@example\\.com on')
    const { handoffs, posts } = await commitOf(answer)
    expect(handoffs).toMatchObject([{ reason: 'email', summary: said, notes: 1 }])
    expect(posts[0]?.text).toContain(`\`${said}\``)
    // What is more than an address is a question for others as well.
    expect(answer?.leaves).toHaveLength(1)
  })
})

describe('what is nearly an e-mail address', () => {
  const incomplete = [messageOf(textsOf('en').addressIncomplete, { author: 'bot' })]

  test.each([
    'bob@example',
    'My mail is bob at example dot org',
    'bob [at] example.com',
    'bob(at)example.org',
  ])('"%s" is asked for once more, then kept as it is', async (said) => {
    const first = await create({ open: opened }).answer(turnOf([said]))
    expect(first?.replies[0]?.text).toContain('does not look like a complete address')
    expect(first?.commit).toBeUndefined()
    const again = await create({ open: opened }).answer(turnOf([said], { past: incomplete }))
    expect(again?.replies[0]?.text).toContain('on to the team')
    const { handoffs } = await commitOf(again, { open: opened })
    expect(handoffs).toMatchObject([{ summary: `How much is a shop?\n${said}` }])
    const mended = await create().answer(turnOf(['bob@example.org'], { past: incomplete }))
    expect(mended?.replies[0]?.text).toContain('bob\\@example\\.org on to the team')
  })

  test('is none where nobody asked for one, or where no address is meant', async () => {
    expect(await create().answer(turnOf(['bob@example']))).toBeUndefined()
    for (const said of ['I work at home', 'look at this', 'we are at 3 dots now', 'meet me at noon'])
      expect(await create({ open: opened }).answer(turnOf([said]))).toBeUndefined()
  })
})

describe('how the team is reached', () => {
  const button = { label: 'Prices', action: '/pricing' }
  const contact = () => ({ text: 'Call us: +1 202 555 0100.\n', buttons: [[button]] })

  test.each(['How can I contact you?', 'contact', "What's your phone number?"])(
    'is told in the words of the owner: "%s"',
    async (said) => {
      const answer = await create({ contact }).answer(turnOf([said]))
      expect(answer?.replies[0]?.text).toBe(`Call us: +1 202 555 0100.\n\n${textsOf('en').contactOffer}`)
      expect(actionsOf(answer?.replies[0])).toEqual(['/pricing', 'human:request'])
      expect(answer?.leaves).toEqual([])
    },
  )

  test('promises no note where nobody gets one; what is left then is kept', async () => {
    const answer = await create({ contact, targets: [] }).answer(turnOf(['ваш телефон?'], { language: 'ru' }))
    const text = answer?.replies[0]?.text ?? ''
    expect(text).toContain('Оставьте в этом чате e-mail или телефон')
    expect(text).not.toContain('передать просьбу')
    const past = [messageOf(text, { author: 'bot' })]
    expect(await create({ targets: [] }).answer(turnOf(['0170 1234567'], { past }))).toBeDefined()
  })

  test('leaves what was asked besides', async () => {
    const answer = await create({ contact }).answer(
      turnOf(['Hello! How can I contact you? Do you sign an NDA?', 'And what does a web shop cost?']),
    )
    expect(answer?.leaves?.map(({ text }) => text)).toEqual([
      'Do you sign an NDA?',
      'And what does a web shop cost?',
    ])
  })
})

describe('a phone number or a name on Telegram', () => {
  test('left after a request is kept with it and passed on', async () => {
    for (const said of ['0170 1234567', '@anna_smith']) {
      const answer = await create({ open: opened }).answer(turnOf([said]))
      expect(answer?.replies[0]?.text).toContain('on to the team')
      const { handoffs, posts } = await commitOf(answer, { open: opened })
      expect(posts[0]?.text).toContain(said)
      expect(handoffs).toMatchObject([{ id: 'h1', summary: `How much is a shop?\n${said}` }])
    }
  })

  test('left after the bot said so is a request, in any language it said it', async () => {
    const past = [messageOf(textsOf('ru').contactOffer, { author: 'bot' })]
    const answer = await create().answer(turnOf(['0170 1234567'], { past }))
    expect((await commitOf(answer)).handoffs).toMatchObject([{ reason: 'phone', summary: '0170 1234567' }])
    expect(await create().answer(turnOf(['0170 1234567']))).toBeUndefined()
  })

  test('with its country is a request by itself; a price or an order after a request is no number', async () => {
    const { handoffs } = await commitOf(await create().answer(turnOf(['Call me: +49 170 1234567'])))
    expect(handoffs).toMatchObject([{ reason: 'phone' }])
    expect(await create({ open: opened }).answer(turnOf(['Our budget is 1 500 000']))).toBeUndefined()
    expect(await create({ open: opened }).answer(turnOf(['My order is 4512345678']))).toBeUndefined()
  })
})

describe('somebody frustrated', () => {
  test('is offered a human, and no note is sent', async () => {
    const answer = await create().answer(turnOf(['This is useless!']))
    expect(actionsOf(answer?.replies[0])).toEqual(['human:request', 'rephrase:request'])
    expect(await commitOf(answer)).toMatchObject({ handoffs: [], posts: [] })
  })

  test.each([
    ['How can I contact you?', 'contact'],
    ['your service is terrible', 'complaint'],
  ] as const)('"%s" is left to those who answer, with a hint', async (said, reason) => {
    const declined: DeclineReason[] = []
    const asked = { declined, decline: (why: DeclineReason) => void declined.push(why) }
    expect(await create().answer(turnOf([said]), asked)).toBeUndefined()
    expect(declined).toEqual([reason])
  })

  test('who also asks something is left to those who answer, with a hint', async () => {
    const declined: DeclineReason[] = []
    const asked = { declined, decline: (reason: DeclineReason) => void declined.push(reason) }
    const said =
      'You are not listening! I want to know what a web application with payments and an admin page costs.'
    expect(await create().answer(turnOf([said]), asked)).toBeUndefined()
    expect(declined).toEqual(['frustrated'])
  })
})

test('the button to rephrase asks for other words, unless they came with it', async () => {
  const handoff = create()
  expect((await handoff.answer(turnOf([pressOf('rephrase:request')])))?.replies[0]?.text).toContain(
    'in other words',
  )
  const both = await handoff.answer(turnOf([pressOf('rephrase:request'), 'I mean the price']))
  expect(both).toMatchObject({ replies: [], leaves: [{ text: 'I mean the price' }] })
})

test.each(['human:request', 'rephrase:request'])('%s written by hand is no button', async (text) => {
  expect(await create().answer(turnOf([text]))).toBeUndefined()
})
