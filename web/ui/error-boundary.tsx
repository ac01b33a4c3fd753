import { Component, type ReactNode } from 'react'
import { texts } from './language.ts'

interface Props {
  children: ReactNode
}

/** Shows words and a way out instead of an empty page when drawing fails. React offers this as a class only. */
export class ErrorBoundary extends Component<Props, { broken: boolean }> {
  override state = { broken: false }

  static getDerivedStateFromError() {
    return { broken: true }
  }

  override render() {
    if (!this.state.broken) return this.props.children
    return (
      <main className="broken">
        <p>{texts.broken}</p>
        <button type="button" className="button" onClick={() => location.reload()}>
          {texts.reload}
        </button>
      </main>
    )
  }
}
