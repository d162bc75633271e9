-- Portcullis for HAProxy 2.6 and later: one action that asks the gate about a request. No package besides HAProxy is needed.
--
--   global
--       lua-load-per-thread /etc/haproxy/portcullis.lua
--   frontend sites
--       http-request lua.portcullis 127.0.0.1:9091 if !portal
--
-- A 200 of the gate lets the request through with the four Remote-* headers as the gate said them, whatever the client sent.
-- Everything else is answered to the client as the gate answered it. Where the gate gives no answer, nobody passes: 503.

local IDENTITY = { 'remote-user', 'remote-groups', 'remote-name', 'remote-email' }
-- What the gate reads of the client; nothing else of the client's is passed on, so that no header of it names another target.
local ASKED_WITH = { 'accept', 'authorization', 'cookie', 'x-requested-with' }
-- What the client is told of a refusal.
local TOLD = { 'location', 'www-authenticate', 'content-type', 'cache-control', 'retry-after', 'set-cookie', 'content-security-policy', 'x-content-type-options' }

local function copy(headers, names)
  local copied = {}
  for _, name in ipairs(names) do
    local values = headers[name]
    if values ~= nil then
      copied[name] = {}
      for _, value in pairs(values) do table.insert(copied[name], value) end
    end
  end
  return copied
end

local function first(headers, name)
  local values = headers ~= nil and headers[name] or nil
  return values ~= nil and values[0] or ''
end

-- A 503 of the client library itself, for a gate that is away, says nothing of when to ask again.
local function refuse(txn, status, headers, body)
  local reply = txn:reply({ status = status })
  if status == 503 and headers['retry-after'] == nil then
    reply:add_header('retry-after', '2')
    reply:add_header('cache-control', 'no-store')
  end
  for name, values in pairs(headers) do
    for _, value in pairs(values) do reply:add_header(name, value) end
  end
  if body ~= nil and body ~= '' then reply:set_body(body) end
  txn:done(reply)
end

local function ask(txn, gate)
  local headers = copy(txn.http:req_get_headers(), ASKED_WITH)
  headers['x-forwarded-proto'] = { txn.sf:ssl_fc() == '1' and 'https' or 'http' }
  headers['x-forwarded-host'] = { txn.sf:req_hdr('host') }
  headers['x-forwarded-uri'] = { txn.sf:pathq() }
  headers['x-forwarded-method'] = { txn.sf:method() }
  headers['x-forwarded-for'] = { txn.sf:src() }
  -- The name in the address is for the Host header alone; dst says where to connect.
  return core.httpclient():get({
    url = 'http://portcullis/api/authz/forward-auth',
    dst = 'ipv4@' .. gate,
    headers = headers,
    timeout = 10000,
  })
end

core.register_action('portcullis', { 'http-req' }, function(txn, gate)
  local asked, answer = pcall(ask, txn, gate)
  local status = asked and answer ~= nil and answer.status or 0
  if status == 200 then
    for _, name in ipairs(IDENTITY) do txn.http:req_set_header(name, first(answer.headers, name)) end
  elseif status < 300 or status > 599 then
    refuse(txn, 503, {})
  else
    refuse(txn, status, copy(answer.headers, TOLD), answer.body)
  end
end, 1)
