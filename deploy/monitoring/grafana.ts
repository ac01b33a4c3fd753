import type { Dashboard, Panel } from './dashboards.ts'

/** By the name that provisioning gives it; another can be chosen on the page. */
const datasource = { type: 'prometheus', uid: '${datasource}' }
const width = 6
const height = 7
const perRow = 4

/** A dashboard as Grafana keeps it (grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model). */
export function grafanaModel({ name, title, panels }: Dashboard): object {
  return {
    uid: `parley-${name}`,
    title,
    tags: ['parley'],
    schemaVersion: 38,
    editable: true,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    templating: { list: [chosenDatasource, chosenNamespace] },
    panels: panels.map(panelModel),
  }
}

const chosenDatasource = {
  name: 'datasource',
  label: 'Data source',
  type: 'datasource',
  query: 'prometheus',
  current: { selected: true, text: 'Prometheus', value: 'prometheus' },
}

/** On one host there is none, and all of it is shown. */
const chosenNamespace = {
  name: 'namespace',
  label: 'Tenant',
  type: 'query',
  datasource,
  query: { query: 'label_values(parley_info, namespace)', refId: 'namespace' },
  refresh: 2,
  includeAll: true,
  allValue: '.*',
  current: { selected: true, text: 'All', value: '$__all' },
}

function panelModel({ title, shows, unit, queries, words }: Panel, index: number): object {
  const [column, row] = [index % perRow, Math.floor(index / perRow)]
  return {
    id: index + 1,
    title,
    type: shows === 'now' ? 'stat' : 'timeseries',
    datasource,
    gridPos: { x: column * width, y: row * height, w: width, h: height },
    fieldConfig: {
      defaults: { unit, min: words ? undefined : 0, mappings: mappingsOf(words) },
      overrides: [],
    },
    targets: queries.map(([expr, legendFormat], position) => ({
      refId: 'ABCDEFGH'.charAt(position),
      datasource,
      expr,
      legendFormat,
      ...(shows === 'now' && { instant: true, range: false }),
    })),
  }
}

function mappingsOf(words: Panel['words'] = {}): object[] {
  const options = Object.fromEntries(Object.entries(words).map(([value, text]) => [value, { text }]))
  return Object.keys(options).length > 0 ? [{ type: 'value', options }] : []
}
