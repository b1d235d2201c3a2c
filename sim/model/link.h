#pragma once
// What a link of the network does to what it carries, one way, as a scenario writes it.

#include <cstdint>
#include <optional>
#include <variant>

#include "sim/base/ratio.h"
#include "sim/model/dist.h"

namespace bsim {

// Each packet is lost with this probability, whatever happened to the one before it.
struct IndependentLoss {
    Ratio probability;
    bool operator==(const IndependentLoss&) const = default;
};

// Losses in bursts: two states between which the link moves at each packet. Source: Gilbert (1960)
// and Elliott (1963); the parameters as in netem's `loss gemodel`.
struct BurstLoss {
    Ratio good_to_bad;
    Ratio bad_to_good;
    Ratio loss_in_good;          // 0 unless given
    Ratio loss_in_bad = {1, 1};  // 1 unless given
    bool operator==(const BurstLoss&) const = default;
};

using LossModel = std::variant<IndependentLoss, BurstLoss>;

struct LinkSpec {
    LatencyDist latency;
    std::optional<std::int64_t> bits_per_second;  // none: unlimited; above zero
    LossModel loss;
    Ratio duplicate;  // each a probability per packet
    Ratio reorder;
    Ratio corrupt;
    bool operator==(const LinkSpec&) const = default;
};

}  // namespace bsim
