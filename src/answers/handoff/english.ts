import { type Phrasebook, wordSet } from './phrasebook.ts'

export const english: Phrasebook = {
  reach: wordSet(
    'talk talking speak speaking chat chatting connect transfer switch forward redirect reach put pass escalate',
  ),
  want: wordSet(
    "want need get give like prefer have find bring call there any where's request require demand",
  ),
  links: wordSet('to with me us this my call chat through over on the directly'),
  modifiers: wordSet(
    'a an the real live living actual your some one of another human customer sales support service technical proper',
  ),
  living: wordSet('real live living actual human'),
  humans: wordSet(
    'human humans operator operators agent agents representative rep manager consultant someone somebody anyone anybody person staff colleague employee boss supervisor support team being help assistance',
  ),
  things: wordSet(''),
  plain: wordSet('human humans operator agent representative person'),
  fillers: wordSet(
    "please pls plz hi hello hey ok okay so now here just only i i'd i'll we us me you can could may might would would'd let let's want to is with at asap today instead again rather no bot a but and thanks from",
  ),
  followers: wordSet(
    'please pls now here about instead who that for from in on at and or but thanks thank right today asap because so if regarding directly urgently immediately not as to then first rather by via when i we my this is now?',
  ),
  negators: wordSet("not don't dont never without doesn't didn't won't am was did were"),
  polite: wordSet(''),
  others: wordSet(
    'users user customers customer clients client visitors visitor people they he she chatbot bots bot app system agents',
  ),
}
