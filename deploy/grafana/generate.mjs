// node deploy/grafana/generate.mjs [DIR]: writes dashboards/*.json from this table.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @typedef {{ title: string, unit?: string, kind?: 'timeseries' | 'stat' | 'yes or no', queries: Readonly<Record<string, string>> }} Panel */

const p99 = (histogram, by = '', more = '') =>
  `histogram_quantile(0.99, sum by (le${by}) (rate(${histogram}_bucket{instance=~"$instance"${more}}[$__rate_interval])))`;
const rate = (counter, by, more = '') => `sum by (${by}) (rate(${counter}{instance=~"$instance"${more}}[$__rate_interval]))`;
const of = (gauge) => `${gauge}{instance=~"$instance"}`;
/** Of what every instance reads in the same store. */
const most = (gauge) => `max(${of(gauge)})`;

const ofProcess = (service) => [
  { title: 'Up', kind: 'yes or no', queries: { '{{instance}}': `up{job="portcullis", service="${service}", instance=~"$instance"}` } },
  {
    title: 'CPU of a core',
    unit: 'percentunit',
    queries: { '{{instance}}': `rate(process_cpu_seconds_total{service="${service}", instance=~"$instance"}[$__rate_interval])` },
  },
  {
    title: 'Memory',
    unit: 'bytes',
    queries: { '{{instance}}': `process_resident_memory_bytes{service="${service}", instance=~"$instance"}` },
  },
  {
    title: 'Event loop, p99 delay',
    unit: 's',
    queries: { '{{instance}}': `nodejs_eventloop_lag_p99_seconds{service="${service}", instance=~"$instance"}` },
  },
];

const runtime = (service) => [
  ...ofProcess(service),
  {
    title: 'Requests between services, p99',
    unit: 's',
    queries: {
      '{{side}} {{operation}}': `histogram_quantile(0.99, sum by (le, side, operation) (rate(portcullis_rpc_duration_seconds_bucket{service="${service}", instance=~"$instance"}[$__rate_interval])))`,
    },
  },
  {
    title: 'Faults between services',
    unit: 'cps',
    queries: {
      '{{side}} {{operation}} {{fault}}': `sum by (side, operation, fault) (rate(portcullis_rpc_faults_total{service="${service}", instance=~"$instance"}[$__rate_interval]))`,
    },
  },
];

/** @type {Readonly<Record<string, { title: string, panels: readonly Panel[] }>>} */
const DASHBOARDS = {
  overview: {
    title: 'Portcullis',
    panels: [
      {
        title: 'Instances up',
        kind: 'stat',
        queries: { '{{service}}': 'sum by (service) (up{job="portcullis", instance=~"$instance"})' },
      },
      { title: 'Sessions', kind: 'stat', queries: { live: 'max(portcullis_sessions_live)' } },
      { title: 'Verifies', unit: 'reqps', queries: { '{{outcome}}': rate('portcullis_verify_duration_seconds_count', 'outcome') } },
      { title: 'Verifies, p99', unit: 's', queries: {
          p99: p99('portcullis_verify_duration_seconds', '', ', password!="checked"'),
          'p99 of those that checked a password': p99('portcullis_verify_duration_seconds', '', ', password="checked"'),
        },
      },
      {
        title: 'Missed the objective (5 ms, and no 503)',
        unit: 'percentunit',
        queries: {
          '5 minutes': 'portcullis:verify_bad:ratio_rate5m',
          '1 hour': 'portcullis:verify_bad:ratio_rate1h',
          '6 hours': 'portcullis:verify_bad:ratio_rate6h',
        },
      },
      {
        title: 'Sign-ins',
        unit: 'cps',
        queries: { '{{factor}} {{outcome}}': rate('portcullis_identity_sign_ins_total', 'factor, outcome') },
      },
      {
        title: 'Mails that wait, and those given up',
        queries: { waiting: most('portcullis_identity_notices_waiting'), 'given up': most('portcullis_identity_notices_failed') },
      },
      {
        title: 'Faults between services',
        unit: 'cps',
        queries: { '{{operation}} {{fault}}': rate('portcullis_rpc_faults_total', 'operation, fault', ', side="client"') },
      },
      { title: 'Alerts', kind: 'stat', queries: { '{{alertname}}': 'count by (alertname) (ALERTS{alertname=~"Portcullis.*", alertstate="firing"})' } },
    ],
  },
  'verify-gateway': {
    title: 'Portcullis: verify gateway',
    panels: [
      {
        title: 'Verifies by endpoint',
        unit: 'reqps',
        queries: { '{{endpoint}}': rate('portcullis_verify_duration_seconds_count', 'endpoint') },
      },
      {
        title: 'Verifies by instance, p99',
        unit: 's',
        queries: { '{{instance}}': p99('portcullis_verify_duration_seconds', ', instance', ', password!="checked"') },
      },
      {
        title: 'Decisions by policy',
        unit: 'reqps',
        queries: { '{{policy}} {{outcome}}': rate('portcullis_decisions_by_policy_total', 'policy, outcome') },
      },
      {
        title: 'Busiest hosts',
        unit: 'reqps',
        queries: { '{{host}}': `topk(10, ${rate('portcullis_decisions_by_host_total', 'host')})` },
      },
      {
        title: 'Busiest rules',
        unit: 'reqps',
        queries: { '{{rule}}': `topk(10, ${rate('portcullis_decisions_by_rule_total', 'rule')})` },
      },
      {
        title: 'Not taken, by what is wrong',
        unit: 'reqps',
        queries: { '{{reason}}': rate('portcullis_verify_refusals_total', 'reason') },
      },
      { title: 'Sessions from memory', unit: 'percentunit', queries: { hits: 'portcullis:session_cache_hit:ratio_rate5m' } },
      { title: 'Sessions can be told', kind: 'yes or no', queries: { '{{instance}}': of('portcullis_gateway_session_cache_coherent') } },
      { title: 'Invalidations, p99', unit: 's', queries: { p99: 'portcullis:invalidation_seconds:p99_5m' } },
      {
        title: 'Configurations',
        kind: 'stat',
        queries: { '{{hash}}': 'count by (hash) (portcullis_configuration_info{instance=~"$instance"})' },
      },
      {
        title: 'Last change was taken',
        kind: 'yes or no',
        queries: { '{{instance}}': of('portcullis_configuration_last_reload_successful') },
      },
      {
        title: 'Certificate ends',
        unit: 'dateTimeFromNow',
        kind: 'stat',
        queries: { '{{instance}}': `1000 * ${of('portcullis_tls_certificate_not_after_seconds')}` },
      },
      ...runtime('verify-gateway'),
    ],
  },
  identity: {
    title: 'Portcullis: identity',
    panels: [
      {
        title: 'Sign-ins',
        unit: 'cps',
        queries: { '{{factor}} {{outcome}}': rate('portcullis_identity_sign_ins_total', 'factor, outcome') },
      },
      { title: 'Bans', unit: 'cps', queries: { '{{kind}} {{factor}}': rate('portcullis_identity_bans_total', 'kind, factor') } },
      { title: 'One hash, p99', unit: 's', queries: { p99: p99('portcullis_identity_hash_seconds') } },
      {
        title: 'Hashing',
        queries: { 'slots busy': `sum(${of('portcullis_identity_hash_slots_busy')})`, waiting: `sum(${of('portcullis_identity_hash_waiting')})` },
      },
      { title: 'Waiting for a turn, p99', unit: 's', queries: { p99: p99('portcullis_identity_password_wait_seconds') } },
      { title: 'Users', kind: 'stat', queries: { '{{instance}}': of('portcullis_identity_users') } },
      { title: 'The users file is in force', kind: 'yes or no', queries: { '{{instance}}': of('portcullis_identity_users_file_valid') } },
      {
        title: 'Mails that wait, and those given up',
        queries: { waiting: most('portcullis_identity_notices_waiting'), 'given up': most('portcullis_identity_notices_failed') },
      },
      { title: 'Oldest mail that waits', unit: 's', queries: { age: most('portcullis_identity_notices_oldest_waiting_seconds') } },
      ...runtime('identity'),
    ],
  },
  session: {
    title: 'Portcullis: session',
    panels: [
      { title: 'Sessions', kind: 'stat', queries: { live: 'max(portcullis_sessions_live{instance=~"$instance"})' } },
      {
        title: 'Began',
        unit: 'cps',
        queries: { began: 'sum(rate(portcullis_sessions_created_total{instance=~"$instance"}[$__rate_interval]))' },
      },
      { title: 'Ended, by reason', unit: 'cps', queries: { '{{reason}}': rate('portcullis_sessions_ended_total', 'reason') } },
      { title: 'Operations, p99', unit: 's', queries: { '{{operation}}': p99('portcullis_session_operation_seconds', ', operation') } },
      { title: 'Endings are replayed', kind: 'yes or no', queries: { '{{instance}}': of('portcullis_session_epoch_current') } },
      {
        title: 'Replays, and sessions that had come back',
        queries: {
          replays: `sum(increase(${of('portcullis_session_replays_total')}[1h]))`,
          'ended again': `sum(increase(${of('portcullis_session_replay_ended_total')}[1h]))`,
        },
      },
      { title: 'Endings kept', queries: { '{{instance}}': of('portcullis_session_endings_kept') } },
      ...runtime('session'),
    ],
  },
  notifier: {
    title: 'Portcullis: notifier',
    panels: [
      { title: 'Deliveries', unit: 'cps', queries: { '{{outcome}}': rate('portcullis_notifier_deliveries_total', 'outcome') } },
      { title: 'In the queue', queries: { '{{instance}}': of('portcullis_notifier_queued') } },
      { title: 'Oldest in the queue', unit: 's', queries: { '{{instance}}': of('portcullis_notifier_oldest_seconds') } },
      ...ofProcess('notifier'),
    ],
  },
};

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

const YES_OR_NO = [{ type: 'value', options: { 0: { text: 'no', color: 'red' }, 1: { text: 'yes', color: 'green' } } }];

const panelOf = ({ title, unit = 'short', kind = 'timeseries', queries }, index) => ({
  id: index + 1,
  type: kind === 'timeseries' ? kind : 'stat',
  title,
  datasource: DATASOURCE,
  gridPos: { h: 8, w: 8, x: (index % 3) * 8, y: Math.floor(index / 3) * 8 },
  fieldConfig: { defaults: { unit, min: unit === 'dateTimeFromNow' ? undefined : 0, mappings: kind === 'yes or no' ? YES_OR_NO : [] }, overrides: [] },
  options:
    kind === 'timeseries'
      ? { legend: { displayMode: 'list', placement: 'bottom' } }
      : { reduceOptions: { calcs: ['lastNotNull'] }, textMode: 'value_and_name' },
  targets: Object.entries(queries).map(([legendFormat, expr], at) => ({
    refId: String.fromCharCode(65 + at),
    datasource: DATASOURCE,
    expr,
    legendFormat,
  })),
});

/** The dashboard as Grafana 10 and later read it. */
const dashboardOf = (name) => ({
  uid: `portcullis-${name}`,
  title: DASHBOARDS[name].title,
  tags: ['portcullis'],
  schemaVersion: 39,
  editable: true,
  refresh: '30s',
  time: { from: 'now-3h', to: 'now' },
  links: [{ type: 'dashboards', title: 'Portcullis', tags: ['portcullis'], asDropdown: true }],
  templating: {
    list: [
      { name: 'datasource', type: 'datasource', query: 'prometheus', current: {} },
      {
        name: 'instance',
        type: 'query',
        datasource: DATASOURCE,
        query: { query: `label_values(portcullis_build_info${name === 'overview' ? '' : `{service="${name}"}`}, instance)`, refId: 'instance' },
        refresh: 2,
        includeAll: true,
        allValue: '.*',
        multi: true,
        current: { text: 'All', value: '$__all' },
      },
    ],
  },
  panels: DASHBOARDS[name].panels.map(panelOf),
});

const dir = process.argv[2] ?? fileURLToPath(new URL('dashboards', import.meta.url));
for (const name of Object.keys(DASHBOARDS)) writeFileSync(join(dir, `portcullis-${name}.json`), `${JSON.stringify(dashboardOf(name), null, 2)}\n`);
