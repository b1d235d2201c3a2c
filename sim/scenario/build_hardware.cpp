#include "sim/scenario/build.h"
#include "sim/scenario/values.h"

namespace bsim {
using Layers = std::span<const JsonNode* const>;

const JsonNode* last_member(Layers layers, std::string_view outer, std::string_view inner) {
    const JsonNode* found = nullptr;
    for (const JsonNode* layer : layers) {
        if (const JsonNode* node = member(member(layer, outer), inner)) {
            found = node;
        }
    }
    return found;
}

HardwareSpec build_hardware(Layers layers) {
    HardwareSpec out;
    out.disk.read = dist_of(last_member(layers, "disk", "read"));
    out.disk.write = dist_of(last_member(layers, "disk", "write"));
    out.disk.fsync = dist_of(last_member(layers, "disk", "fsync"));
    out.disk.capacity_bytes = size_of(last_member(layers, "disk", "capacity"));
    const auto log_dirs = integer_of(last_member(layers, "disk", "log_dirs"));
    out.disk.log_dirs = static_cast<std::int32_t>(log_dirs.value_or(1));
    out.clock.skew =
        signed_duration_of(last_member(layers, "clock", "skew")).value_or(SimDuration{});
    out.clock.drift_ppm = drift_of(last_member(layers, "clock", "drift")).value_or(Ratio{});
    for (const JsonNode* layer : layers) {
        if (const auto cpu = factor_of(member(layer, "cpu"))) {
            out.cpu = *cpu;
        }
    }
    return out;
}

}  // namespace bsim
