import { identityAdminContract, identityContract } from '@portcullis/contracts-identity';
import { notice, noticeJob } from '@portcullis/contracts-notifier';
import { gatewayContract } from '@portcullis/contracts-portal-api';
import { sessionContract, sessionRecord } from '@portcullis/contracts-session';

const CONTRACTS = [identityContract, identityAdminContract, sessionContract, gatewayContract];

/** Everything that one version writes and another may read: by the wire, by the queue, in Redis. */
export const MESSAGES = Object.fromEntries([
  ...CONTRACTS.flatMap(({ service, version, operations, events = {} }) => [
    ...Object.entries(operations).flatMap(([name, { request, reply }]) => [
      [`${service}.v${version}.${name} request`, request],
      [`${service}.v${version}.${name} reply`, reply],
    ]),
    ...Object.entries(events).map(([name, schema]) => [`${service}.v${version}.${name} event`, schema]),
  ]),
  ['notice', notice],
  ['notice job', noticeJob],
  ['session record', sessionRecord],
]);

/** Where a request waits: a service of another version looks for it there. */
export const LANES = Object.fromEntries(
  CONTRACTS.flatMap(({ service, version, operations }) =>
    Object.entries(operations).map(([name, { lane }]) => [`${service}.v${version}.${name}`, lane]),
  ),
);

export const shapeOf = (schema) => schema.toJSONSchema({ io: 'input', unrepresentable: 'throw' });

/** One message for every variant of a schema, and one with and one without each part that may be absent. */
export const samplesOf = (schema) => {
  const samples = variants(shapeOf(schema));
  for (const sample of samples) schema.parse(sample);
  return samples;
};

function variants(shape) {
  if ('const' in shape) return [shape.const];
  if (shape.enum) return shape.enum;
  const choices = shape.anyOf ?? shape.oneOf;
  if (choices) return choices.flatMap(variants);
  if (Array.isArray(shape.type)) return shape.type.flatMap((type) => variants({ ...shape, type }));
  switch (shape.type) {
    case 'null':
      return [null];
    case 'boolean':
      return [true, false];
    case 'integer':
    case 'number':
      return [Math.max(shape.minimum ?? 1, (shape.exclusiveMinimum ?? 0) + 1)];
    case 'string':
      return [text(shape)];
    case 'array':
      if (shape.prefixItems) return [shape.prefixItems.map((item) => variants(item)[0])];
      return [...variants(shape.items).map((item) => [item]), []];
    case 'object':
      return 'properties' in shape ? objects(shape) : maps(shape);
    case undefined:
      return ['anything'];
    default:
      throw new Error(`no sample is known for ${JSON.stringify(shape)}`);
  }
}

const TEXTS = [
  'text',
  'dGV4dA==',
  '2026-11-26T12:00:00.000Z',
  'https://auth.example.com/',
  'a'.repeat(64),
  '0123456789abcdef0123456789abcdef',
  '123456',
];

function text({ minLength = 0, maxLength = Infinity, pattern = '', format }) {
  const fits = (each) => each.length >= minLength && each.length <= maxLength && new RegExp(pattern, 'u').test(each);
  const found = (format === 'uuid' ? ['b2c7a8d4-5e0f-4c58-9d3b-6a1f0e2d3c4b'] : TEXTS).find(fits);
  if (found === undefined) throw new Error(`no text is known for ${pattern} (add one to TEXTS)`);
  return found;
}

/** The first variant of each part, then each other variant of one part alone, then without each part that may be absent. */
function objects({ properties, required = [] }) {
  const parts = Object.entries(properties).map(([name, shape]) => [name, variants(shape)]);
  const first = Object.fromEntries(parts.map(([name, [value]]) => [name, value]));
  const others = parts.flatMap(([name, [, ...rest]]) => rest.map((value) => ({ ...first, [name]: value })));
  const without = parts.filter(([name]) => !required.includes(name)).map(([name]) => ({ ...first, [name]: undefined }));
  return [first, ...others, ...without.map((each) => JSON.parse(JSON.stringify(each)))];
}

const maps = ({ additionalProperties = {} }) => [{ name: variants(additionalProperties)[0] }, {}];
