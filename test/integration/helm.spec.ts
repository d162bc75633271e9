import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { describeWithTool, findTool, kubernetesSchemas, root, runCommand, tempDir } from '../support/index.js';

const chart = join(root, 'deploy/helm/portcullis');
const text = (name: string): string => readFileSync(join(chart, name), 'utf8');

interface Rendered {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: Record<string, unknown>;
}

describe('the values of the chart', () => {
  const validate = new Ajv({ strict: false }).compile(JSON.parse(text('values.schema.json')) as object);
  const values = parse(text('values.yaml')) as { configuration: Record<string, object>; services: object };

  it('are what their schema says', () => {
    validate(values);
    expect(validate.errors).toBeNull();
  });

  it.each([
    ['a key that is none', { ...values, replicas: 3 }],
    ['a service that is none', { ...values, services: { ...values.services, cli: {} } }],
    [
      'a secret in the configuration, which everybody may read',
      { ...values, configuration: { ...values.configuration, session: { ...values.configuration['session'], secret: 'x' } } },
    ],
    ['the key of the store in it', { ...values, configuration: { ...values.configuration, storage: { encryption_key: 'x' } } }],
  ])('may not be %s', (_, wrong) => {
    expect(validate(wrong)).toBe(false);
  });
});

describeWithTool('helm', [], 'the chart', (helm) => {
  const postgres = ['--set', 'configuration.storage.local=null,configuration.storage.postgres.address=tcp://postgres:5432'];
  const many = [
    ...postgres,
    '--set',
    'services.identity.autoscaling.enabled=true,services.session.replicas=2,ingress.enabled=true,serviceMonitor.enabled=true',
  ];
  async function render(...args: readonly string[]): Promise<readonly Rendered[]> {
    const { code, stdout, stderr } = await runCommand(helm, ['template', 'gate', chart, '--kube-version', '1.31.0', ...args]);
    expect([code, stderr]).toEqual([0, '']);
    return parseAllDocuments(stdout).flatMap((document) => (document.contents === null ? [] : [document.toJS() as Rendered]));
  }
  const named = (all: readonly Rendered[], kind: string, name: string): string =>
    JSON.stringify(all.find((each) => each.kind === kind && each.metadata.name === `gate-${name}`));

  it('passes helm lint', async () => {
    const { code, stdout } = await runCommand(helm, ['lint', '--strict', chart]);
    expect([code, stdout]).toEqual([0, expect.stringContaining('0 chart(s) failed')]);
  });

  it('hands the gateway no key of the store, no users file and no password of the mail server', async () => {
    const all = await render('--set', 'configuration.notifier.filesystem=null,configuration.notifier.smtp.address=submission://mail:587');
    expect(named(all, 'Deployment', 'gateway')).not.toMatch(/storage_encryption_key|jwt_secret|smtp_password|people|redis_(?!gateway)/);
    expect(named(all, 'Deployment', 'identity')).toMatch(/storage_encryption_key.*people/);
    expect(named(all, 'Deployment', 'identity')).not.toMatch(/session_secret|smtp_password/);
    expect(named(all, 'Deployment', 'notifier')).toContain('smtp_password');
    expect(named(all, 'Deployment', 'notifier')).not.toMatch(/session_secret|storage_encryption_key/);
    expect(named(all, 'NetworkPolicy', 'notifier')).toContain('587');
    expect(named(all, 'NetworkPolicy', 'gateway')).not.toContain('587');
  });

  it('scales by what a service does, and by CPU where nobody serves that', async () => {
    const hpa = (await render(...many))
      .filter(({ kind }) => kind === 'HorizontalPodAutoscaler')
      .map(({ metadata, spec }) => [metadata.name, spec['metrics']]);
    expect(hpa).toEqual([
      ['gate-gateway', [expect.objectContaining({ type: 'Pods' }), expect.objectContaining({ type: 'Resource' })]],
      ['gate-identity', [expect.objectContaining({ type: 'Pods' }), expect.objectContaining({ type: 'Resource' })]],
    ]);
  });

  it('refuses more than one of what keeps a file', async () => {
    const { code, stderr } = await runCommand(helm, ['template', 'gate', chart, '--kube-version', '1.31.0', '--set', 'services.identity.replicas=2']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('services.identity runs more than once, which needs configuration.storage.postgres')]);
  });

  const kubeconform = findTool('kubeconform');
  it.runIf(kubeconform !== undefined && kubernetesSchemas !== undefined)(
    'is what Kubernetes takes (kubeconform, with the schemas of KUBERNETES_SCHEMAS)',
    async () => {
      for (const args of [[], many]) {
        const { stdout } = await runCommand(helm, ['template', 'gate', chart, '--kube-version', '1.31.0', ...args]);
        const file = join(tempDir('chart'), 'rendered.yaml');
        writeFileSync(file, stdout);
        const checked = await runCommand(kubeconform ?? '', [
          '-strict',
          '-skip',
          'ServiceMonitor',
          '-schema-location',
          `${kubernetesSchemas ?? ''}/{{.ResourceKind}}{{.KindSuffix}}.json`,
          file,
        ]);
        expect(checked).toMatchObject({ code: 0, stdout: '' });
      }
    },
  );
});
