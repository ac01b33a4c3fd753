import { environmentNames } from './names.ts'
import { providers } from './providers.ts'
import { listSettings } from './settings.ts'

const intro = `Settings come from two places. Secrets and what differs between deployments come from the **environment**;
everything else is in **parley.yaml** in the working directory, or the file or folder that \`--config\` or
\`PARLEY_CONFIG\` names. Without one, the example \`examples/agency\` is used. A name of the environment beats the file,
and an empty one counts as not set.

An \`.env\` file beside parley.yaml counts as environment, and so does one in the working directory; what is really set
beats both, and the one beside parley.yaml beats the other. Paths in a file are taken from the folder it lies in, so the
data of a bot is beside its parley.yaml (that of the example in the working directory); paths that are really set, from
the working directory.

Every problem is reported at once (of a file that is no valid YAML, the first fault), and nothing starts with one.
\`parley doctor\` checks without starting.
`

const listening = `## Where it listens

The address is \`127.0.0.1\` everywhere, so that nothing is open by accident: right for a laptop, and for a server behind
a proxy on the same machine. A container must set \`HOST=0.0.0.0\`, or nobody outside it gets in; outside development
that needs a \`SECRET_KEY\`. Behind a proxy on another machine also set \`TRUST_PROXY=true\`.
`

const reload = `## While it runs

Changes of parley.yaml, of the FAQ file and of files of secrets (\`…_FILE\`) are noticed within two seconds; \`SIGHUP\`
does it at once. The new configuration is checked as a whole: with a problem, the old one stays and the log says why.
\`bot\`, \`models\` (keys included), \`limits\`, \`retention\`, \`alerts\`, \`log\` and the FAQ apply to what comes next; other
sections wait for a restart, and the log names them.
`

/** `docs/reference/configuration.md`. */
export function configurationPage(): string {
  return [
    '# Configuration\n',
    '<!-- Written by `parley reference`; a test keeps it in step. -->\n',
    intro,
    '## Environment\n',
    'Each name with a 🔒 is a secret and is also read from the file that `NAME_FILE` names; setting both is an error.\n',
    environmentTable(),
    '### Providers\n',
    providerTable(),
    listening,
    '## parley.yaml\n',
    'Durations and sizes carry their unit (`800ms`, `30s`, `5m`, `1h`; `512kb`, `1mb`). Texts for people are one text for\n' +
      'every language, or one for each: `{ en: Hello, ru: Привет }`. Unknown settings are errors.\n',
    settingsTable(),
    reload,
  ].join('\n')
}

function environmentTable(): string {
  const rows = environmentNames.map(({ name, secret, path, meaning }) => [
    `\`${name}\`${secret ? ' 🔒' : ''}`,
    path === undefined ? '' : `\`${path}\``,
    meaning,
  ])
  return table(['Name', 'Beats', 'Meaning'], rows)
}

function providerTable(): string {
  const rows = providers.map(({ provider, key, model }) => [
    `\`${provider}\``,
    `\`${key}\``,
    model === undefined ? 'none: `AI_MODEL` names it' : `\`${model}\``,
  ])
  return table(['Provider', 'Key', 'Model when none is named'], rows)
}

function settingsTable(): string {
  const rows = listSettings().map(({ path, type, fallback, meaning, environment }) => [
    `\`${path}\``,
    type,
    fallback === '' ? '' : `\`${fallback}\``,
    environment === undefined ? meaning : `${meaning} Environment: \`${environment}\`.`,
  ])
  return table(['Setting', 'Type', 'Default', 'Meaning'], rows)
}

/** A Markdown table; the page ends each with an empty line. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return `${[line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')}\n`
}
