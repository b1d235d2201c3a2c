#pragma once
// When a state machine should have its state kept as a snapshot: when it has been handed at least
// `max_bytes` of log since the last one, or `max_interval` has passed since then. Looked at only
// when committed records arrive, so an idle log makes none; and not while one is being written.
//
// A snapshot that is loaded counts as one made. Times are those of the node's own process (the
// count starts anew with it). Source: SnapshotGenerator; metadata.log.max.record.bytes.between
// .snapshots, metadata.log.max.snapshot.interval.ms.

#include <cstdint>
#include <optional>

#include "sim/base/time.h"

namespace bsim::kraft {

struct SnapshotGeneratorConfig {
    std::int64_t max_bytes = 20 * 1024 * 1024;
    std::optional<SimDuration> max_interval = seconds(3600);  // 0 in Kafka stands for none
};

class SnapshotGenerator {
  public:
    SnapshotGenerator(const SnapshotGeneratorConfig& config, SimTime now);

    // Committed batches of that size were applied. True: ask for a snapshot of the state that has
    // now been reached (SnapshotWanted); written() says that it is done, or was not granted.
    [[nodiscard]] bool applied(std::int64_t bytes, SimTime now);
    void loaded(SimTime now);
    void written() { writing_ = false; }

  private:
    void reset(SimTime now);

    SnapshotGeneratorConfig config_;
    std::int64_t bytes_ = 0;
    SimTime last_;
    bool writing_ = false;
};

}  // namespace bsim::kraft
