import { useEffect } from 'react'
import { ArrowRight } from '../ui/icons.tsx'
import { texts } from '../ui/language.ts'
import { Mark } from '../ui/mark.tsx'
import { ThemeToggle } from '../ui/theme-toggle.tsx'
import { LiveState } from './live-state.tsx'
import { useStatus } from './status.ts'

export function Landing() {
  const status = useStatus()
  const bot = status.report?.bot
  useEffect(() => {
    if (bot) document.title = bot.name
  }, [bot])
  return (
    <div className="landing">
      <div className="landing-top">
        <ThemeToggle />
      </div>
      <main className="hero">
        <Mark className="mark hero-mark" />
        <h1 className="hero-name">{bot?.name ?? 'Parley'}</h1>
        <p className="hero-tagline">{bot?.tagline ?? '\u00a0'}</p>
        <a className="way hero-start" href="/chat">
          {texts.start}
          <ArrowRight />
        </a>
        <LiveState status={status} />
      </main>
    </div>
  )
}
