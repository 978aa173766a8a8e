-- Writes a batch of one partition and its new position together, or nothing at all.
-- ARGV: prefix, position's field, position expected, position after, proposed generation, limits (8), now, kind,
-- whether its records are dated ('dated' or ''), records…
-- Answer: {1, added} or {0, position held}. Redis runs scripts one at a time, so two projections cannot both write a
-- batch.
local prefix, field, expected, after, generation = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local limit = {
  events = tonumber(ARGV[6]), seen = tonumber(ARGV[7]), scans = tonumber(ARGV[8]),
  history = tonumber(ARGV[9]), samples = tonumber(ARGV[10]), deadLetters = tonumber(ARGV[11]),
  runs = tonumber(ARGV[12]), scanBytes = tonumber(ARGV[13]),
}
local now, kind, isDated = ARGV[14], ARGV[15], ARGV[16] == 'dated'
local first = 17
local function key(name, id) return prefix .. name .. (id or '') end
local call = redis.call

local held = call('HGET', key('positions'), field) or ''
if held ~= expected then return {0, held} end
if call('SETNX', key('generation'), generation) == 0 then generation = call('GET', key('generation')) end

-- Order of arrival is the score; the member that falls out of a bound has its body deleted.
local function remember(set, id, arrival, seen, bodies, body)
  call('ZADD', set, arrival, id)
  local fallen = call('ZRANGE', set, -bodies - 1, -bodies - 1)[1]
  if fallen then call('UNLINK', key(body, fallen)) end
  if call('ZCARD', set) > seen then call('ZREMRANGEBYRANK', set, 0, 0) end
end

-- Whole scans are kept up to a number and up to their bytes; the oldest go first.
local function keepWhole(id, row, bytes)
  call('HSET', key('scan:', id), 'row', row, 'bytes', bytes)
  local count = call('RPUSH', key('whole-scans'), id)
  local held = call('HINCRBY', key('totals'), 'whole-scan-bytes', #row + #bytes)
  while count > 0 and (count > limit.scans or held > limit.scanBytes) do
    local oldest = key('scan:', call('LPOP', key('whole-scans')))
    local length = call('HSTRLEN', oldest, 'row') + call('HSTRLEN', oldest, 'bytes')
    held = call('HINCRBY', key('totals'), 'whole-scan-bytes', -length)
    count = count - 1
    call('UNLINK', oldest)
  end
end

local function announce(entry, row)
  call('XADD', key('events'), 'MAXLEN', '~', limit.events, '*', 'kind', entry, 'generation', generation, 'row', row)
end

-- The newest quarter of a history is whole; of what leaves it every stride-th row is kept. When that is full, every
-- other row goes and the stride doubles: the history is bounded and reaches back to its beginning at one even
-- resolution.
local function append(sampleId, row, sample, number)
  local recent, older = key('sample-recent:', sampleId), key('sample-older:', sampleId)
  local whole = math.floor(limit.history / 4)
  if call('RPUSH', recent, row) <= whole then return end
  local leaving = call('LPOP', recent)
  local stride = tonumber(call('HGET', sample, 'stride') or '1')
  if (number - whole - 1) % stride ~= 0 then return end
  if call('RPUSH', older, leaving) <= limit.history - whole then return end
  local rows = call('LRANGE', older, 0, -1)
  call('UNLINK', older)
  for i = 1, #rows, 2 do call('RPUSH', older, rows[i]) end
  call('HSET', sample, 'stride', stride * 2)
end

local function evict(set, most, names)
  while call('ZCARD', set) > most do
    local id = call('ZPOPMIN', set)[1]
    for _, name in ipairs(names) do call('UNLINK', key(name, id)) end
  end
end

-- What is measured so far of a scan stands beside the sample's rows, and in no count, until the whole takes its place.
local function preview(id, sampleId, whole, row, bytes)
  if call('ZSCORE', key('seen-scans'), whole) then return 0 end
  local arrival = call('HGET', key('totals'), 'scans') or 0
  keepWhole(id, row, bytes)
  call('HSET', key('sample:', sampleId), 'measured', row, 'measures', whole)
  call('ZADD', key('samples'), arrival, sampleId)
  announce('scan', row)
  remember(key('seen-scans'), id, arrival, limit.seen, limit.scans, 'scan:')
  return 1
end

local function measured(sample, whole)
  if call('HGET', sample, 'measures') == whole then call('HDEL', sample, 'measured', 'measures') end
end

local function scan(at)
  local id, sampleId, runId, partialOf, row, trail, bytes, about = unpack(ARGV, at, at + 7)
  local verdict, reason, accepted, flagged, rejected = unpack(ARGV, at + 8, at + 12)
  if call('ZSCORE', key('seen-scans'), id) then return 0 end
  if partialOf ~= '' then return preview(id, sampleId, partialOf, row, bytes) end
  local sample, run = key('sample:', sampleId), key('run:', runId)
  measured(sample, id)
  local arrival = call('HINCRBY', key('totals'), 'scans', 1)
  keepWhole(id, row, bytes)
  call('RPUSH', key('sample-trail:', sampleId), trail)
  call('LTRIM', key('sample-trail:', sampleId), -40, -1)
  call('HSET', sample, 'latest', row)
  call('HSETNX', sample, 'firstAt', now)
  append(sampleId, row, sample, call('HINCRBY', sample, 'scans', 1))
  call('HINCRBY', sample, verdict, 1)
  if verdict ~= 'ACCEPT' then call('HINCRBY', sample, verdict .. ' ' .. reason, 1) end
  call('ZADD', key('samples'), arrival, sampleId)
  call('RPUSH', key('run-history:', runId), id)
  call('LTRIM', key('run-history:', runId), -limit.scans, -1)
  call('ZADD', key('samples-of-run:', runId), arrival, sampleId)
  call('ZREMRANGEBYRANK', key('samples-of-run:', runId), 0, -limit.samples - 1)
  call('HSET', run, 'about', about, 'lastAt', now)
  call('HSETNX', run, 'firstAt', now)
  call('HINCRBY', run, 'scans', 1)
  for _, holder in ipairs({run, key('totals')}) do
    call('HINCRBY', holder, 'ACCEPT', accepted)
    call('HINCRBY', holder, 'FLAG', flagged)
    call('HINCRBY', holder, 'REJECT', rejected)
  end
  call('ZADD', key('runs'), arrival, runId)
  announce('scan', row)
  remember(key('seen-scans'), id, arrival, limit.seen, limit.scans, 'scan:')
  return 1
end

local function deadLetter(at)
  local id, sampleId, runId, scanId, row, value, recordKey, headers, reason = unpack(ARGV, at, at + 8)
  if call('ZSCORE', key('dead-letters'), id) then return 0 end
  if sampleId ~= '' then measured(key('sample:', sampleId), scanId) end
  local arrival = call('HINCRBY', key('totals'), 'dead-letters', 1)
  call('HINCRBY', key('totals'), 'dead-letter ' .. reason, 1)
  call('HSET', key('dead-letter:', id), 'row', row, 'value', value, 'key', recordKey, 'headers', headers)
  if sampleId ~= '' and call('EXISTS', key('sample:', sampleId)) == 1 then
    call('HINCRBY', key('sample:', sampleId), 'dead-letters', 1)
  end
  if runId ~= '' and call('EXISTS', key('run:', runId)) == 1 then
    call('HINCRBY', key('run:', runId), 'dead-letters', 1)
  end
  announce('dead-letter', row)
  remember(key('dead-letters'), id, arrival, limit.seen, limit.deadLetters, 'dead-letter:')
  return 1
end

-- Words of a record: id and row, of a dated one also when it was made, ms since 1970.
local strides = {scan = 13, ['dead-letter'] = 9}
local stride = strides[kind] or (isDated and 3 or 2)

-- What a set is bounded by. Requests and answers say when they were made: partitions come one after the other when all
-- is read anew, and by arrival those of the last beamline would push out those of the others.
local function score(set, at)
  if isDated then return ARGV[at + 2] end
  return call('HINCRBY', key('totals'), set, 1)
end

-- What was last said of a run, to a request, or of repeats; it may come before the scan or the request that it is
-- about, which another topic holds.
local function last(set, body)
  return function(at)
    local id, row = unpack(ARGV, at, at + 1)
    call('SET', key(body, id), row)
    call('ZADD', key(set), score(set, at), id)
    announce(kind, row)
    return 1
  end
end

-- A change, an annotation or a request: kept whole in its row, shown once.
local function once(set, body)
  return function(at)
    local id, row = unpack(ARGV, at, at + 1)
    if call('ZSCORE', key(set), id) then return 0 end
    call('ZADD', key(set), score(set, at), id)
    call('SET', key(body, id), row)
    announce(kind, row)
    return 1
  end
end

local writers = {
  scan = scan, ['dead-letter'] = deadLetter, run = last('run-states', 'run-state:'),
  change = once('changes', 'change:'), annotation = once('annotations', 'annotation:'),
  request = once('requests', 'request:'), acknowledgement = last('acknowledgements', 'acknowledgement:'),
  accumulation = last('accumulations', 'accumulation:'),
}
local write = writers[kind]
local added = 0
for at = first, #ARGV - stride + 1, stride do added = added + write(at) end
evict(key('samples'), limit.samples, {'sample:', 'sample-recent:', 'sample-older:', 'sample-trail:'})
evict(key('runs'), limit.runs, {'run:', 'run-history:', 'samples-of-run:'})
evict(key('run-states'), limit.runs, {'run-state:'})
evict(key('changes'), limit.deadLetters, {'change:'})
evict(key('annotations'), limit.deadLetters, {'annotation:'})
evict(key('requests'), limit.deadLetters, {'request:'})
evict(key('acknowledgements'), limit.deadLetters, {'acknowledgement:'})
evict(key('accumulations'), limit.samples, {'accumulation:'})
call('HSET', key('positions'), field, after)
return {1, added}
