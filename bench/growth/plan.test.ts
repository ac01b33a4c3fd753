import { expect, test } from 'vitest'
import { postgresPlan, sqlitePlan } from './plan.ts'

test('a table of people’s words that SQLite reads from end to end is named, an alias resolved', () => {
  const text = 'select head.seq from json_each(?) join messages head on head.seq = 1'
  expect(sqlitePlan(text, ['SCAN json_each VIRTUAL TABLE INDEX 1:', 'SCAN head'])).toEqual({
    statement: text,
    reads: ['SCAN head'],
    scanned: ['messages'],
  })
  const searched = ['SEARCH head USING INDEX messages_lane (conversation_id=?)']
  expect(sqlitePlan(text, searched).scanned).toEqual([])
  expect(sqlitePlan(text, ['SCAN messages USING COVERING INDEX messages_received']).scanned).toEqual([])
})

test('so is one that PostgreSQL does', () => {
  const plan = postgresPlan('select 1', {
    'Node Type': 'Nested Loop',
    Plans: [
      { 'Node Type': 'Seq Scan', 'Relation Name': 'conversations' },
      { 'Node Type': 'Index Scan', 'Index Name': 'messages_pk', 'Relation Name': 'messages' },
      { 'Node Type': 'Function Scan' },
    ],
  })
  expect(plan.reads).toEqual(['Seq Scan on conversations', 'Index Scan using messages_pk on messages'])
  expect(plan.scanned).toEqual(['conversations'])
})
