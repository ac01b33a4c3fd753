import { useEffect, useState } from 'react'
import { Close } from '../../ui/icons.tsx'
import { texts } from '../../ui/language.ts'
import { errorText } from '../../ui/texts/texts.ts'
import { useChat, useClient } from '../client-context.ts'

/** A cut shorter than this is not worth a word, in milliseconds. */
const worthTelling = 1500

/** What the person should know about the connection or a refusal; nothing most of the time. */
export function Banner() {
  const client = useClient()
  const notice = useChat((state) => state.notice)
  const cut = useLongCut()
  if (cut) {
    return (
      <div className="banner" role="status">
        <span>{texts.offlineHelp}</span>
        <button type="button" className="text-button" onClick={client.reconnect}>
          {texts.tryNow}
        </button>
      </div>
    )
  }
  if (!notice) return null
  return (
    <div className="banner" role="alert">
      <span>{errorText(texts, notice.code)}</span>
      <button type="button" className="icon-button" aria-label={texts.close} onClick={client.closeNotice}>
        <Close />
      </button>
    </div>
  )
}

function useLongCut(): boolean {
  const online = useChat((state) => state.connection === 'online')
  const [long, setLong] = useState(false)
  useEffect(() => {
    if (online) return setLong(false)
    const timer = setTimeout(() => setLong(true), worthTelling)
    return () => clearTimeout(timer)
  }, [online])
  return long && !online
}
