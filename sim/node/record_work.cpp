#include "sim/node/record_work.h"

#include <algorithm>

#include "sim/base/check.h"

namespace bsim {

RecordWork::RecordWork(const std::optional<LatencyDist>& usual,
                       RngStream draws,
                       RngStream slow_draws)
    : draws_(std::move(draws)), slow_draws_(std::move(slow_draws)) {
    if (usual)
        usual_.emplace(*usual);
}

SimDuration RecordWork::draw() {
    SimDuration time = usual_ ? usual_->sample(draws_) : SimDuration();
    for (Slow& slow : slow_) {
        time = scaled(time, slow.what.factor);
        if (slow.latency)
            time = time + slow.latency->sample(slow_draws_);
    }
    return time;
}

void RecordWork::begin_slow(const WorkSlowness& slowness) {
    Slow slow{slowness, std::nullopt};
    if (slowness.latency)
        slow.latency.emplace(*slowness.latency);
    slow_.push_back(std::move(slow));
}

void RecordWork::end_slow(const WorkSlowness& slowness) {
    const auto found = std::find_if(slow_.begin(), slow_.end(),
                                    [&](const Slow& slow) { return slow.what == slowness; });
    BSIM_CHECK(found != slow_.end());
    slow_.erase(found);
}

}  // namespace bsim
