#include "sim/storage/device_model.h"

#include "sim/base/check.h"

namespace bsim {

// Without overflow for any sensible amount of bytes.
SimDuration transfer_time(std::int64_t bytes, std::int64_t bytes_per_second) {
    constexpr std::int64_t kNsPerSecond = 1'000'000'000;
    BSIM_CHECK(bytes_per_second > 0);
    const std::int64_t whole_seconds = bytes / bytes_per_second;
    const std::int64_t rest = bytes % bytes_per_second;
    const auto scaled = static_cast<unsigned __int128>(rest) * static_cast<unsigned>(kNsPerSecond);
    const auto rate = static_cast<unsigned __int128>(bytes_per_second);
    const auto rest_ns = static_cast<std::int64_t>((scaled + rate - 1) / rate);
    return SimDuration(whole_seconds * kNsPerSecond + rest_ns);
}

IoDuration io_duration(const DeviceModel& model, const IoCost& cost, const DeviceDraws& draws) {
    IoDuration out;
    out.thread =
        model.call_overhead * (cost.writes + cost.reads) +
        transfer_time(cost.bytes_written + cost.bytes_read, model.memory_bytes_per_second) +
        model.metadata_overhead * (cost.metadata_ops + cost.idle_fsyncs) + draws.write;
    out.device =
        draws.read + draws.fsync +
        transfer_time(cost.fsynced_bytes + cost.device_bytes_read, model.device_bytes_per_second);
    return out;
}

}  // namespace bsim
