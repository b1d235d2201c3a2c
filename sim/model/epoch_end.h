#pragma once
// What a log answers to "where does this leader epoch end"; the epoch may be smaller than the one
// asked for. Source: EpochEndOffset; KIP-279.

#include "sim/model/ids.h"

namespace bsim {

// An epoch and the first offset that does not belong to it or to an older one.
struct EpochEnd {
    LeaderEpoch epoch;
    Offset end;
    bool operator==(const EpochEnd&) const = default;
};

}  // namespace bsim
