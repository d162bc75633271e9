// What the runtime alone can do: node:http that sends the same four headers to everybody.
import { createServer } from 'node:http';

const headers = [
  'Remote-User',
  'alice',
  'Remote-Groups',
  'admins,dev',
  'Remote-Name',
  'Alice Example',
  'Remote-Email',
  'alice@example.com',
  'Content-Length',
  '0',
];
const server = createServer((_req, res) => {
  res.writeHead(200, headers);
  res.end();
});
server.keepAliveTimeout = 30_000;
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => console.log(server.address().port));
process.on('SIGTERM', () => process.exit());
