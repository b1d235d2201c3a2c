#include "sim/check/beyond_hw.h"

#include <fmt/format.h>

namespace bsim {

void BeyondHw::on(const Event& event, const ClusterView& view) {
    const auto* consumed = as<RecordsConsumed>(event);
    if (consumed == nullptr)
        return;
    const PartitionView* const partition = view.partition(consumed->p);
    if (partition == nullptr || !partition->leader_hw)
        return;
    evaluated();
    if (consumed->to <= *partition->leader_hw)
        return;
    violated(event.i, event.t,
             fmt::format("{}: {} is handed {}..{}, but no leader's high watermark is above {}",
                         consumed->p.to_string(), event.n.text(), consumed->from.value(),
                         consumed->to.value() - 1, partition->leader_hw->value()));
}

}  // namespace bsim
