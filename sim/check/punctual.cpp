#include "sim/check/punctual.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace bsim {

namespace {

bool takes_time(const FaultView& fault) {
    static constexpr std::array<std::string_view, 5> kKinds = {"pause", "gc-", "cpu-", "disk-",
                                                               "clock-"};
    return std::any_of(kKinds.begin(), kKinds.end(),
                       [&](std::string_view kind) { return fault.fault.starts_with(kind); });
}

}  // namespace

std::set<std::string> slowed_by_faults(const ClusterView& view) {
    std::set<std::string> nodes;
    for (const FaultView& fault : view.faults()) {
        if (takes_time(fault) && (fault.open || fault.fault == "clock-jump"))
            nodes.insert(fault.targets.begin(), fault.targets.end());
    }
    return nodes;
}

bool is_punctual(const NodeName& node,
                 const std::set<std::string>& slowed,
                 const ClusterView& view) {
    return view.is_up(node) && !view.is_paused(node) && !slowed.contains(node.text());
}

}  // namespace bsim
