import { once } from 'node:events';
import { connect } from 'node:net';

/** Writes these bytes to a listener and resolves to all that came back until it closed (latin1), or what came within timeoutMs. For requests that no client would make. */
export async function sendRaw(base: string, bytes: string | Buffer, timeoutMs = 2000): Promise<string> {
  const { hostname, port } = new URL(base);
  const socket = connect({ host: hostname, port: Number(port) });
  let answer = '';
  socket.setEncoding('latin1').on('data', (text) => {
    answer += String(text);
  });
  const timer = setTimeout(() => socket.destroy(), timeoutMs);
  // A server that answers and resets at once has answered all the same.
  socket.on('error', () => undefined);
  socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  await once(socket, 'close');
  clearTimeout(timer);
  return answer;
}

/** The status of a raw answer; 0 where there was none. */
export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1] ?? 0);
}
