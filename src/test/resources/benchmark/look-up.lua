-- Looks up the latest offers of random customers: wrk -s look-up.lua <url> -- <number of customers>

local customers

function init(args)
    customers = tonumber(args[1])
    math.randomseed(20261121)
end

function request()
    return wrk.format("GET", "/customers/" .. math.random(customers) .. "/offer")
end

function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format(
        "result requests=%d duration_us=%d p50_us=%d p99_us=%d max_us=%d failed=%d not_2xx=%d\n",
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency.max,
        errors.connect + errors.read + errors.write + errors.timeout, errors.status))
end
