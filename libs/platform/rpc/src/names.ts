/** Every key and channel of the wire, under `<prefix>rpc:`. */
export interface Names {
  /** Sorted set per operation: the replicas that serve it, by their last report on Redis' clock. */
  alive(pattern: string): string;
  /** List per lane: `<message id> <pattern>` of the requests that wait for a place. */
  waiting(service: string, lane: string): string;
  /** Hash per lane: its bounds, as its replicas set them. */
  bounds(service: string, lane: string): string;
  /** Channel per lane: `work` (something waits) or `report` (nobody is known: who is there?). */
  wake(service: string, lane: string): string;
  /** Hash per request, gone when its time is up. */
  readonly message: string;
  /** Key per request that was taken, kept until no replica would accept its message again. */
  readonly claim: string;
  /** Channel per connection. */
  reply(sender: string, connectionId: string): string;
  /** Channel per event. */
  event(pattern: string): string;
}

export function namesUnder(prefix: string): Names {
  const root = `${prefix}rpc:`;
  return {
    alive: (pattern) => `${root}alive:${pattern}`,
    waiting: (service, lane) => `${root}waiting:${service}:${lane}`,
    bounds: (service, lane) => `${root}bounds:${service}:${lane}`,
    wake: (service, lane) => `${root}wake:${service}:${lane}`,
    message: `${root}message:`,
    claim: `${root}claim:`,
    reply: (sender, connectionId) => `${root}reply:${sender}:${connectionId}`,
    event: (pattern) => `${root}event:${pattern}`,
  };
}
