import { once } from 'node:events';
import { connect } from 'node:tls';

/** Writes these bytes to a proxy over TLS and resolves to what came back until it closed (latin1). The name of the host is what the certificate is asked for. */
export async function sendRawTls(front: string, servername: string, lines: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(front);
  const socket = connect({ host: hostname, port: Number(port), servername, rejectUnauthorized: false });
  let answer = '';
  socket.setEncoding('latin1').on('data', (text) => {
    answer += String(text);
  });
  socket.on('error', () => undefined);
  const timer = setTimeout(() => socket.destroy(), 2000);
  socket.write(Buffer.from([...lines, 'Connection: close', '', ''].join('\r\n'), 'latin1'));
  await once(socket, 'close');
  clearTimeout(timer);
  return answer;
}
