#include "sim/check/no_produce_errors.h"

#include <fmt/format.h>

namespace bsim {

void NoProduceErrors::on(const Event& event, const ClusterView& /*view*/) {
    if (as<ProduceAcked>(event) != nullptr)
        evaluated();
    const auto* failed = as<ProduceFailed>(event);
    if (failed == nullptr)
        return;
    evaluated();
    violated(event.i, event.t,
             fmt::format("{}: {} gives {} records up: {}", failed->p.to_string(), event.n.text(),
                         failed->count, failed->error));
}

}  // namespace bsim
