#include "sim/storage/device_model.h"

#include "sim/base/check.h"

namespace bsim {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

// bytes / rate, rounded up, without overflow for any sensible amount of bytes.
SimDuration transfer(std::int64_t bytes, std::int64_t bytes_per_second) {
    BSIM_CHECK(bytes_per_second > 0);
    const std::int64_t whole_seconds = bytes / bytes_per_second;
    const std::int64_t rest = bytes % bytes_per_second;
    const auto scaled = static_cast<unsigned __int128>(rest) * static_cast<unsigned>(kNsPerSecond);
    const auto rate = static_cast<unsigned __int128>(bytes_per_second);
    const auto rest_ns = static_cast<std::int64_t>((scaled + rate - 1) / rate);
    return SimDuration(whole_seconds * kNsPerSecond + rest_ns);
}

}  // namespace

SimDuration io_duration(const DeviceModel& model, const IoCost& cost, const DeviceDraws& draws) {
    SimDuration sum = model.call_overhead * (cost.writes + cost.reads);
    sum = sum + transfer(cost.bytes_written + cost.bytes_read, model.memory_bytes_per_second);
    sum = sum + model.metadata_overhead * cost.metadata_ops;
    if (cost.writes > 0)
        sum = sum + draws.write_extra;
    sum = sum + draws.fsync_each * cost.fsyncs;
    sum = sum + transfer(cost.fsynced_bytes, model.device_bytes_per_second);
    return sum;
}

}  // namespace bsim
