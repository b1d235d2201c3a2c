#include "sim/protocol/kraft/snapshot_generator.h"

namespace bsim::kraft {

SnapshotGenerator::SnapshotGenerator(const SnapshotGeneratorConfig& config, SimTime now)
    : config_(config), last_(now) {}

bool SnapshotGenerator::applied(std::int64_t bytes, SimTime now) {
    bytes_ += bytes;
    const bool due = bytes_ >= config_.max_bytes ||
                     (config_.max_interval && now - last_ >= *config_.max_interval);
    if (!due || writing_)
        return false;
    reset(now);
    writing_ = true;
    return true;
}

void SnapshotGenerator::loaded(SimTime now) {
    reset(now);
}

void SnapshotGenerator::reset(SimTime now) {
    bytes_ = 0;
    last_ = now;
}

}  // namespace bsim::kraft
