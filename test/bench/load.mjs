// A load generator that costs little beside what it measures: raw keep-alive sockets, one request in flight on each, answers counted by
// their head. Runs as a process of its own: node load.mjs PORT[,PORT] CONNECTIONS MS  with the requests, taken in turn, on standard input (NUL between
// two). One process whatever the number of ports, so that two of them get the load that one gets, and it costs the same.
import { connect } from 'node:net';
import { readFileSync } from 'node:fs';

const ports = process.argv[2].split(',').map(Number);
const [connections, ms] = process.argv.slice(3).map(Number);
const requests = readFileSync(0, 'latin1')
  .replaceAll('\n', '\r\n')
  .split('\0')
  .map((request) => Buffer.from(request, 'latin1'));
const latencies = new Float64Array(4_000_000);
const statuses = {};
let count = 0;
let sent = 0;
let open = true;

function run(port) {
  let sentAt = 0;
  let pending = '';
  const send = () => {
    sentAt = performance.now();
    socket.write(requests[sent++ % requests.length]);
  };
  const take = (text) => {
    pending = pending === '' ? text : pending + text;
    const end = pending.indexOf('\r\n\r\n');
    if (end === -1) return;
    const length = /content-length: (\d+)/i.exec(pending.slice(0, end));
    if (pending.length < end + 4 + Number(length?.[1] ?? 0)) return;
    const status = pending.slice(9, 12);
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (count < latencies.length) latencies[count] = performance.now() - sentAt;
    count++;
    pending = '';
    if (open) send();
    else socket.destroy();
  };
  const callback = (size, buffer) => {
    take(buffer.latin1Slice(0, size));
    return true;
  };
  // Past the stream of the socket, which would cost a tenth more.
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer: Buffer.allocUnsafe(65_536), callback } });
  socket.on('connect', send);
  socket.on('error', () => {
    statuses.error = (statuses.error ?? 0) + 1;
  });
}

const startedAt = performance.now();
const cpuBefore = process.cpuUsage();
for (let i = 0; i < connections; i++) run(ports[i % ports.length]);
setTimeout(() => {
  const seconds = (performance.now() - startedAt) / 1000;
  open = false;
  const { user, system } = process.cpuUsage(cpuBefore);
  const sorted = latencies.subarray(0, Math.min(count, latencies.length)).sort();
  const at = (q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? null;
  console.log(JSON.stringify({ requests: count, perSecond: count / seconds, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1), cpuMicros: (user + system) / count, statuses }));
  process.exit(0);
}, ms);
