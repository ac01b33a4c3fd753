import type { StatusReport } from '../../src/http/contract/socket.ts'
import { texts } from '../ui/language.ts'
import { duration } from '../ui/times.ts'
import { type Overall, overall } from './overall.ts'
import type { Status } from './status.ts'

const titles: Record<Overall, string> = {
  live: texts.live,
  partly: texts.partly,
  unreachable: texts.unreachable,
}

/** What runs and how it is, kept fresh. */
export function LiveState({ status }: { status: Status }) {
  const { report } = status
  const state = overall(status)
  if (!report && status.reachable) return <div className="state state-skeleton" aria-hidden="true" />
  return (
    <section className="state" data-state={state} aria-labelledby="state-title">
      <h2 id="state-title" className="state-title">
        <span className="dot" data-state={state} aria-hidden="true" />
        <span role="status">{titles[state]}</span>
      </h2>
      {state === 'unreachable' ? (
        <p className="state-help">{texts.unreachableHelp}</p>
      ) : (
        report && <Facts report={report} />
      )}
    </section>
  )
}

function Facts({ report }: { report: StatusReport }) {
  const { database, channels, model, modelFault, version, commit, uptimeSeconds } = report
  return (
    <dl className="facts">
      <Fact name={texts.database}>
        <Part name={database.kind === 'sqlite' ? 'SQLite' : 'PostgreSQL'} state={database.state} />
      </Fact>
      <Fact name={texts.channels}>
        {channels.map((channel) => (
          <Part
            key={channel.name}
            name={channelName(channel.name)}
            state={channel.state}
            detail={channel.detail}
            reason={channel.fault && texts.channelFaults[channel.fault]}
          />
        ))}
      </Fact>
      <Fact name={texts.model}>
        {model !== null && modelFault !== null ? (
          <Part name={model} state="down" reason={texts.modelFaults[modelFault]} />
        ) : (
          (model ?? texts.noModel)
        )}
      </Fact>
      <Fact name={texts.version}>
        {version} <code>{commit.slice(0, 8)}</code>
      </Fact>
      <Fact name={texts.uptime}>{duration(uptimeSeconds, texts)}</Fact>
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

interface PartProps {
  name: string
  state: 'up' | 'starting' | 'down'
  detail?: string
  /** Why it is down. */
  reason?: string | undefined
}

function Part({ name, state, detail, reason }: PartProps) {
  const words = reason === undefined ? texts.states[state] : `${texts.states[state]}: ${reason}`
  return (
    <span className="part" title={detail}>
      <span className="part-name">
        <span className="dot" data-state={state} aria-hidden="true" />
        {name}
      </span>
      <span className={state === 'up' ? 'visually-hidden' : 'part-state'}> {words}</span>
    </span>
  )
}

const channelName = (name: string) => name.charAt(0).toUpperCase() + name.slice(1)
