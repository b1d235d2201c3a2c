#pragma once
// beyond-hw: no reader is handed a record that is not committed: it ends at or below the highest
// high watermark that any leader of the partition has told of. R10, R12 of facts/invariants.md,
// family I6. Partitions of which no leader told a high watermark say nothing.

#include "sim/check/checker.h"

namespace bsim {

class BeyondHw : public Checker {
  public:
    BeyondHw() : Checker("beyond-hw", CheckKind::Safety) {}

    void on(const Event& event, const ClusterView& view) override;
};

}  // namespace bsim
