/** Requests and events between services over Redis: one replica handles, deadlines, distinct faults, sealed. */
export { type CallOptions, type Client, type Contract, type Handlers, type Operation, patternOf, type RpcContext } from './contract.js';
export { RpcFault, type RpcFaultCode } from './fault.js';
export { openRpcConnection, type RpcConnection, type RpcConnectionOptions } from './connection.js';
export { answerCensus, type Member, takeCensus } from './census.js';
export { createRpcClient } from './client.js';
export { type ObserveCall, type ObservedCall, type RpcTracing } from './observation.js';
export { createRpcEvents, type Events } from './events.js';
export { RpcServer, type RpcServerOptions } from './server.js';
export { type LaneOptions } from './lane-worker.js';
export { Serves } from './serves.js';
export { currentRequest, inRequest, type RequestScope } from './request-scope.js';
export { logRpcEvent, type RpcEvent } from './rpc-event.js';
