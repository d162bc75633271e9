import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, type RunningPrometheus } from '../support/index.js';

interface Target {
  readonly expr: string;
  readonly legendFormat: string;
}

interface Panel {
  readonly title: string;
  readonly targets: readonly Target[];
}

interface Dashboard {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** Identity fails only at what it begins itself, which is to refresh the sessions of a user who changed. */
const MAY_BE_EMPTY = 'portcullis_rpc_faults_total{service="identity"';

const dir = join(root, 'deploy/grafana/dashboards');

/** As Grafana asks them, of all instances. */
export const dashboards: readonly Dashboard[] = readdirSync(dir).map((file) => {
  const text = readFileSync(join(dir, file), 'utf8');
  return JSON.parse(text.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '10s')) as Dashboard;
});

/** What is wrong with what the panel drew between then and now, for a reader who sees lines and their names. */
async function problemsOf({ title: where, targets }: Panel, prometheus: RunningPrometheus, sinceMs: number): Promise<readonly string[]> {
  const drawn = await Promise.all(targets.map(async (target) => ({ ...target, lines: await prometheus.range(target.expr, sinceMs) })));
  const problems: string[] = [];
  const names: string[] = [];
  for (const { expr, legendFormat, lines } of drawn) {
    const values = lines.flatMap((line) => line.values).filter((value) => !Number.isNaN(value));
    if (values.length === 0 && !expr.includes(MAY_BE_EMPTY)) problems.push(`${where}: nothing is drawn by ${expr}`);
    if (values.some((value) => value < 0)) problems.push(`${where}: less than nothing is drawn by ${expr}`);
    for (const { metric } of lines) {
      const labels = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
      if (labels.some((label) => metric[label] === undefined)) problems.push(`${where}: ${legendFormat} lacks a label of ${expr}`);
      names.push(legendFormat.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? ''));
    }
  }
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length > 0) problems.push(`${where}: several lines are called ${[...new Set(twice)].join(', ')}`);
  return [...new Set(problems)];
}

/** The same of all its panels. */
export const problemsOn = async ({ panels }: Dashboard, prometheus: RunningPrometheus, sinceMs: number): Promise<readonly string[]> =>
  (await Promise.all(panels.map((panel) => problemsOf(panel, prometheus, sinceMs)))).flat();
