import { createSocket } from 'node:dgram';
import { about, type Finding, messageOf } from './doctor-finding.js';

const clock = about('clock');
/** A code of an authenticator counts for 30 seconds, and one step to either side. */
const WRONG_MS = 30_000;
const DOUBTFUL_MS = 2000;
const ANSWER_MS = 2000;

/** @param aheadMs by how much the other clock is ahead of ours */
export function clockFinding(whose: string, aheadMs: number): Finding {
  const seconds = (Math.abs(aheadMs) / 1000).toFixed(1);
  const message = `${whose} and ours are ${seconds} s apart`;
  const fix = 'set the clock of this machine and that one by NTP (timedatectl set-ntp true)';
  if (Math.abs(aheadMs) > WRONG_MS) return clock.problem(`${message}: codes of authenticators are refused`, fix);
  return Math.abs(aheadMs) > DOUBTFUL_MS ? clock.warning(message, fix) : clock.ok(message);
}

/** Against `ntp.address`, where one is configured; a time server that does not answer is no reason to worry. */
export async function checkTimeServer(server: { readonly host: string; readonly port: number } | null): Promise<readonly Finding[]> {
  if (server === null) return [];
  const name = `the clock of ${server.host}`;
  try {
    return [clockFinding(name, await askTime(server))];
  } catch (error) {
    return [clock.ok(`${name} cannot be asked (${messageOf(error)}): nothing is known by it`)];
  }
}

/** Seconds from 1900 to 1970. @see RFC 4330 section 3 */
const ERA_S = 2_208_988_800;

/** By how much the server's clock is ahead of ours, milliseconds. */
function askTime({ host, port }: { readonly host: string; readonly port: number }): Promise<number> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  const request = Buffer.alloc(48);
  // Version 4, client.
  request[0] = 0x23;
  return new Promise<number>((resolve, reject) => {
    const sentMs = Date.now();
    const timer = setTimeout(() => {
      reject(new Error('no answer'));
    }, ANSWER_MS);
    socket.once('error', reject);
    socket.once('message', (answer) => {
      clearTimeout(timer);
      if (answer.length < 48) reject(new Error('no answer of a time server'));
      else resolve(timeIn(answer) - (sentMs + Date.now()) / 2);
    });
    socket.send(request, port, host, (error) => {
      if (error !== null) reject(error);
    });
  }).finally(() => {
    socket.close();
  });
}

const timeIn = (answer: Buffer): number => (answer.readUInt32BE(40) - ERA_S + answer.readUInt32BE(44) / 2 ** 32) * 1000;
