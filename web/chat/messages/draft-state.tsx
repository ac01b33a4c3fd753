import { Clock, Warning } from '../../ui/icons.tsx'
import { texts } from '../../ui/language.ts'
import { errorText } from '../../ui/texts/texts.ts'
import { useChat, useClient } from '../client-context.ts'
import type { Draft } from '../session/state.ts'

/** What became of an own message that is not stored yet; nothing for one that is. */
export function DraftState({ draft }: { draft: Draft | undefined }) {
  if (!draft || draft.state === 'accepted') return null
  if (draft.state === 'failed') return <Failed draft={draft} />
  return <Pending draft={draft} />
}

function Pending({ draft }: { draft: Draft }) {
  const online = useChat((state) => state.connection === 'online')
  return (
    <span className="draft-state" data-waiting={!online}>
      <Clock />
      {!online
        ? texts.waiting
        : draft.reason
          ? `${errorText(texts, draft.reason)} ${texts.goesAgain}`
          : texts.sending}
    </span>
  )
}

function Failed({ draft }: { draft: Draft }) {
  const client = useClient()
  return (
    <span className="draft-state draft-failed" role="alert">
      <Warning />
      {texts.failed} {errorText(texts, draft.reason ?? '')}
      <button type="button" className="text-button" onClick={() => client.retry(draft.id)}>
        {texts.retry}
      </button>
      <button type="button" className="text-button" onClick={() => client.discard(draft.id)}>
        {texts.discard}
      </button>
    </span>
  )
}
