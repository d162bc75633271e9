import http from 'node:http';

/** GET: `{ status, text }`; rejects where nobody answers within `deadlineMs`. (fetch would cost the supervisor 10 MB.) */
export function ask(url, deadlineMs) {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { signal: AbortSignal.timeout(deadlineMs), agent: false }, (reply) => {
      let text = '';
      reply.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      reply.on('end', () => resolve({ status: reply.statusCode, text })).on('error', reject);
    });
    request.on('error', reject);
  });
}
