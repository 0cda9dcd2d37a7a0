-- What wrk tells at the end, as one line of JSON: numbers of requests, seconds, latencies in milliseconds, other answers.
done = function(summary, latency, requests)
  local wrong = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %.3f, "p50_ms": %.3f, "p95_ms": %.3f, "p99_ms": %.3f, "most_ms": %.3f, "bytes": %d, "not_200": %d, "broken": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3,
    latency.max / 1e3, summary.bytes, wrong.status, wrong.connect + wrong.read + wrong.write + wrong.timeout))
end
