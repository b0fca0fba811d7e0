-- The peer of "make bench": OpenResty's lua-resty-kafka, synchronous, one
-- message an event, acks of all replicas; it answers once Kafka has answered.
--
-- To its advantage: events are cut at their known first member, not parsed;
-- a producer, with its metadata, serves one request after another instead of
-- being made anew each time; its buffers, which only the asynchronous mode
-- uses, are as small as can be (they have 2 MB each by default); connections
-- to Kafka are kept.

local producer = require "nginx.kafka.producer"

local find, sub, remove = string.find, string.sub, table.remove

local idle = {}


local function answer(status, text)
    ngx.status = status
    ngx.header["Content-Type"] = "application/json"
    ngx.header["Content-Length"] = #text
    ngx.print(text)
end


local function publish(p, body)
    local first, n = 2, 0

    while true do
        local cut = find(body, '},{"event_id"', first, true)
        local event = sub(body, first, cut or #body - 1)

        local offset, err = p:send("events", nil, event)
        if not offset then
            return nil, err
        end

        n = n + 1

        if not cut then
            return n
        end

        first = cut + 2
    end
end


ngx.req.read_body()

local body = ngx.req.get_body_data()
if not body then
    return answer(400, '{"status":400}')
end

local p = remove(idle)

if not p then
    local host, port = ngx.var.bench_kafka:match("^(.*):(%d+)$")
    p = producer:new({ { host = host, port = tonumber(port) } },
                     { required_acks = -1, api_version = 2,
                       batch_num = 2, max_buffering = 2,
                       keepalive_size = 1024, socket_timeout = 10000 })
end

local n, err = publish(p, body)

if not n then
    ngx.log(ngx.ERR, "kafka: ", err)
    return answer(503, '{"status":503}')
end

idle[#idle + 1] = p

answer(200, '{"status":"accepted","ack":"broker","received":' .. n
            .. ',"accepted":' .. n .. ',"request_id":"'
            .. ngx.var.request_id .. '"}')
