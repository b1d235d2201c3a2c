#include "sim/world/workload.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"

namespace bsim {
namespace {

// What a call of send() takes that need not wait, at the rate "max": about what the Java client
// needs to serialize, partition and copy a small record.
constexpr SimDuration kSendCall = microseconds(2);

template <class T>
void take_back(std::vector<T>& all, const T& one) {
    const auto found = std::find(all.begin(), all.end(), one);
    BSIM_CHECK(found != all.end());
    all.erase(found);
}

}  // namespace

Workload::Workload(const ProducerSpec& spec,
                   Scheduler& scheduler,
                   const Rng& rng,
                   ProducerNode& node)
    : spec_(spec),
      scheduler_(scheduler),
      node_(node),
      keys_(rng.stream("workload/" + node.name().text() + "/keys")),
      hot_keys_(rng.stream("workload/" + node.name().text() + "/hot-key")),
      next_(node, [this] { send(); }) {
    if (spec_.key && spec_.key->dist == KeySpec::Dist::Zipf)
        zipf_.emplace(spec_.key->keys, spec_.key->exponent);
    node_.on_started([this] { process_started(); });
    if (!spec_.rate)
        node_.on_unblocked([this] { schedule_next(); });
}

void Workload::begin() {
    if (begun_)
        return;
    begun_ = true;
    const SimTime at = std::max(spec_.start, scheduler_.now());
    scheduler_.at(at, [this] {
        if (!node_.alive())
            node_.start(EventNumber{});
    });
}

void Workload::process_started() {
    pace_from_now();
    schedule_next();
}

void Workload::pace_from_now() {
    paced_ = scheduler_.now();
    first_ = sent_;
}

SimTime Workload::due() const {
    const SimTime now = scheduler_.now();
    if (!spec_.rate)
        return now + kSendCall;
    SimDuration span = spec_.rate->due(sent_ - first_);
    for (const Ratio& factor : bursts_)
        span = scaled(span, {factor.denominator, factor.numerator});
    return std::max(paced_ + span, now);
}

void Workload::schedule_next() {
    if (spec_.records && sent_ >= *spec_.records)
        return;
    const SimTime at = due();
    if (spec_.stop && at >= *spec_.stop)
        return;
    next_.arm(at);
}

std::uint64_t Workload::draw_from(std::uint64_t keys) {
    if (zipf_)
        return zipf_->sample(keys_);
    if (!spec_.key || spec_.key->dist != KeySpec::Dist::Hot)
        return keys_.below(keys);
    const std::uint64_t other = keys == 1 ? 0 : 1 + keys_.below(keys - 1);
    return keys_.chance(spec_.key->share) ? 0 : other;
}

// One key at least is drawn for each record, whatever becomes of it.
std::optional<std::uint64_t> Workload::draw_key() {
    const auto keys = static_cast<std::uint64_t>(spec_.key ? spec_.key->keys : 1);
    const std::uint64_t drawn = draw_from(keys);
    if (!hot_.empty()) {
        const auto factor = hot_.back();
        const auto hot = static_cast<std::uint64_t>(factor ? factor->numerator : 1);
        const std::uint64_t others =
            factor ? (keys - 1) * static_cast<std::uint64_t>(factor->denominator) : 0;
        if (hot_keys_.below(hot + others) < hot)
            return 0;
        return keys == 1 ? 0 : 1 + drawn % (keys - 1);
    }
    if (!spec_.key)
        return std::nullopt;
    const bool sequential = spec_.key->dist == KeySpec::Dist::Sequential;
    return sequential ? static_cast<std::uint64_t>(sent_) % keys : drawn;
}

void Workload::send() {
    const client::RecordId id(static_cast<std::uint64_t>(sent_));
    client::RecordReady record;
    record.id = id;
    record.topic = spec_.topic;
    if (const auto key = draw_key())
        record.key = node_.key(*key);
    record.value = node_.value(id);
    record.timestamp = node_.wall_now();
    ++sent_;
    node_.offer(std::move(record));
    if (spec_.rate || !node_.blocked())
        schedule_next();
}

void Workload::begin_burst(Ratio factor) {
    bursts_.push_back(factor);
    pace_from_now();
    if (next_.armed())
        schedule_next();
}

void Workload::end_burst(Ratio factor) {
    take_back(bursts_, factor);
    pace_from_now();
    if (next_.armed())
        schedule_next();
}

void Workload::end_hot_key(std::optional<Ratio> factor) {
    take_back(hot_, factor);
}

}  // namespace bsim
