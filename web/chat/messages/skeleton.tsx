import { texts } from '../../ui/language.ts'

/** The shape of a conversation while it is fetched. */
export function ConversationSkeleton() {
  return (
    <div className="skeletons" role="status">
      <span className="visually-hidden">{texts.loading}</span>
      <div className="skeleton skeleton-own w50" />
      <div className="skeleton w85" />
      <div className="skeleton w70" />
      <div className="skeleton skeleton-own w30" />
      <div className="skeleton w60" />
    </div>
  )
}

export function OlderSkeleton({ busy }: { busy: boolean }) {
  return (
    <div className="skeletons skeletons-older" aria-hidden={!busy} role="status">
      {busy && <span className="visually-hidden">{texts.loadingOlder}</span>}
      <div className="skeleton w70" />
      <div className="skeleton w50" />
    </div>
  )
}
