import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { describeWith, needs, root, runCommand } from '../support/index.js';

const dir = join(root, 'deploy/prometheus');
const read = (name: string): unknown => parse(readFileSync(join(dir, name), 'utf8'));

interface Alert {
  readonly alert: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly runbook_url: string };
}
interface Tried {
  readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
}

const alerts = (read('portcullis-alerts.yml') as { groups: readonly { rules: readonly Alert[] }[] }).groups.flatMap(({ rules }) => rules);
const tried = (read('portcullis-alerts.test.yml') as { tests: readonly Tried[] }).tests.flatMap((test) => test.alert_rule_test);
const names = alerts.map(({ alert }) => alert);

describe('the alerts', () => {
  it.each(alerts)('$alert has a page that says what it means, what people see, what to look at and what to do', ({ alert, annotations }) => {
    expect(annotations.runbook_url).toBe(`docs/runbooks/${alert}.md`);
    const page = readFileSync(join(root, annotations.runbook_url), 'utf8');
    expect(page.match(/^## .*$/gm)).toEqual(['## What it means', '## What people see', '## Look at', '## Do']);
    expect(page.startsWith(`# ${alert}\n`)).toBe(true);
  });

  it('are all the pages there are', () => {
    const pages = readdirSync(join(root, 'docs/runbooks')).filter((name) => name !== 'README.md');
    expect(pages.sort()).toEqual(names.map((name) => `${name}.md`).sort());
  });

  it('are each tried to fire and to clear', () => {
    const of = (fires: boolean) =>
      new Set(tried.filter(({ exp_alerts: expected }) => expected.length > 0 === fires).map(({ alertname }) => alertname));
    expect([...of(true)].sort()).toEqual([...names].sort());
    expect([...of(false)].sort()).toEqual([...names].sort());
  });
});

describeWith(['promtool'], 'promtool', () => {
  const promtool = (...args: readonly string[]) => runCommand(needs('promtool'), args, { cwd: dir, timeoutMs: 120_000 });

  it('finds the configuration, the rules and the alerts right', async () => {
    const { code, stderr } = await promtool('check', 'config', 'prometheus.yml');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('sees each alert fire, and clear', async () => {
    const { code, stdout, stderr } = await promtool('test', 'rules', 'portcullis-alerts.test.yml');
    expect({ code, said: stderr, stdout }).toMatchObject({ code: 0, said: '' });
  });
});
