// Whether what runs in this image would answer: no curl, no shell. HEALTH_URL, where `telemetry.metrics` moves the port.
import { readFileSync } from 'node:fs';

const PORTS = {
  'portcullis-all-in-one': 9959,
  'portcullis-verify-gateway': 9959,
  'portcullis-identity': 9960,
  'portcullis-session': 9961,
  'portcullis-notifier': 9962,
};
const { name } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8'));
const url = process.env['HEALTH_URL'] ?? `http://127.0.0.1:${PORTS[name]}/health/ready`;
try {
  const answer = await fetch(url, { signal: AbortSignal.timeout(2500) });
  if (!answer.ok) throw new Error((await answer.text()).trim());
} catch (error) {
  console.error(`${url}: ${error.cause?.message ?? error.message}`);
  process.exitCode = 1;
}
