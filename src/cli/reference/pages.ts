import { configurationPage, table } from '../../config/reference.ts'
import { errorCatalogue } from '../../model/errors.ts'
import { createMetrics } from '../../ops/metrics.ts'
import { inCheckout, spelled } from '../spelling.ts'

const note = '<!-- Written by `parley reference`; a test keeps it in step. -->\n'

/** The generated pages of docs/reference, by file name. */
export function referencePages(): ReadonlyMap<string, string> {
  const pages = {
    'configuration.md': configurationPage(),
    'errors.md': errorsPage(),
    'metrics.md': metricsPage(),
  }
  return new Map(Object.entries(pages).map(([name, page]) => [name, spelled(page, inCheckout)]))
}

function errorsPage(): string {
  const rows = Object.entries(errorCatalogue).map(([code, meaning]) => [`\`${code}\``, meaning])
  const intro =
    'Every error an operator or a client can meet, by the code in its message or in the `code` of a response.\n'
  return ['# Errors\n', note, intro, table(['Code', 'Meaning'], rows)].join('\n')
}

function metricsPage(): string {
  const rows = createMetrics({ process: false }).definitions.map(({ name, type, labels, help }) => [
    `\`${name}\``,
    type,
    labels.map((label) => `\`${label}\``).join(' '),
    help,
  ])
  const intro =
    'What `/metrics` offers to Prometheus, besides the usual `process_*` and `nodejs_*` of the runtime. Labels come from\n' +
    'code and configuration only: never an id, an address or a text.\n'
  return ['# Metrics\n', note, intro, table(['Name', 'Type', 'Labels', 'Meaning'], rows)].join('\n')
}
