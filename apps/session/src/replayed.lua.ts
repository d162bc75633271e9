/**
 * For scripts that must not touch a session which an ending may still be owed to: `replayed(key)` is whether the endings in force were replayed on
 * the very process that runs the script. Asked inside it, for the connection may lead to another process than a moment ago.
 */
export const REPLAYED = `
local function replayed(epoch)
  local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
  return run and redis.call('GET', epoch) == run
end
`;
