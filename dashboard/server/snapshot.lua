-- Everything but histories and spectra, and the place in the log that it is true for, at one moment.
-- ARGV: prefix, dead letters, changes, annotations and requests wanted of each.
local prefix = ARGV[1]
local call = redis.call
local last = call('XREVRANGE', prefix .. 'events', '+', '-', 'COUNT', 1)[1]
local samples, runs, deadLetters = {}, {}, {}
for i, id in ipairs(call('ZREVRANGE', prefix .. 'samples', 0, -1)) do
  samples[i] = {id, call('HGETALL', prefix .. 'sample:' .. id), call('LRANGE', prefix .. 'sample-trail:' .. id, 0, -1)}
end
for i, id in ipairs(call('ZREVRANGE', prefix .. 'runs', 0, -1)) do
  local held = call('ZRANGE', prefix .. 'samples-of-run:' .. id, 0, -1)
  runs[i] = {id, call('HGETALL', prefix .. 'run:' .. id), held, call('GET', prefix .. 'run-state:' .. id) or ''}
end
for _, id in ipairs(call('ZRANGE', prefix .. 'dead-letters', -ARGV[2], -1)) do
  local row = call('HGET', prefix .. 'dead-letter:' .. id, 'row')
  if row then deadLetters[#deadLetters + 1] = row end
end
local count = tonumber(call('HGET', prefix .. 'totals', 'dead-letters') or '0')
local function rowsOf(set, from, body)
  local rows = {}
  for _, id in ipairs(call('ZRANGE', prefix .. set, from, -1)) do
    rows[#rows + 1] = call('GET', prefix .. body .. id) or nil
  end
  return rows
end
return {call('GET', prefix .. 'generation') or '', last and last[1] or '0-0', samples, runs, deadLetters, count,
  rowsOf('changes', -ARGV[2], 'change:'), rowsOf('annotations', -ARGV[2], 'annotation:'),
  rowsOf('requests', -ARGV[2], 'request:'), rowsOf('requests', -ARGV[2], 'acknowledgement:'),
  rowsOf('accumulations', 0, 'accumulation:')}
