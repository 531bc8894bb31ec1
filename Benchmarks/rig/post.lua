-- wrk: the same POST again and again, or a new workload each time. wrk … -- MODE PATH TOKEN [BODY-FILE]
local mode, counter, template, prefix = "post", 0, nil, nil

function init(arguments)
    mode = arguments[1]
    wrk.path = arguments[2]
    wrk.method = "POST"
    wrk.headers["content-type"] = "application/json"
    if arguments[3] ~= "" then wrk.headers["authorization"] = "Bearer " .. arguments[3] end
    if arguments[4] then
        local file = assert(io.open(arguments[4]))
        template = file:read("*a")
        wrk.body = template
        file:close()
    end
    math.randomseed(os.time())
    prefix = string.format("d%x", math.random(0, 2 ^ 30))
end

function request()
    if mode == "declare" then
        counter = counter + 1
        wrk.body = string.gsub(template, "SLUG", prefix .. "-" .. counter)
    end
    return wrk.format()
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '\n{"seconds": %.4f, "requests": %d, "bytes": %d, "p50_us": %d, "p99_us": %d, "bad_status": %d, "errors": %d}\n',
        summary.duration / 1e6, summary.requests, summary.bytes, latency:percentile(50), latency:percentile(99),
        errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
