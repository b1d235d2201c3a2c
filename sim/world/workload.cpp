#include "sim/world/workload.h"

#include <algorithm>
#include <string>
#include <utility>

namespace bsim {
namespace {

// What a call of send() takes that need not wait, at the rate "max": about what the Java client
// needs to serialize, partition and copy a small record.
constexpr SimDuration kSendCall = microseconds(2);

SharedBytes bytes_of(const std::string& text) {
    return SharedBytes::copy_of(as_bytes(text));
}

}  // namespace

Workload::Workload(const ProducerSpec& spec,
                   Scheduler& scheduler,
                   const Rng& rng,
                   ProducerNode& node)
    : spec_(&spec),
      scheduler_(&scheduler),
      node_(&node),
      keys_(rng.stream("workload/" + node.name().text() + "/keys")) {}

void Workload::begin() {
    if (begun_)
        return;
    begun_ = true;
    const SimTime at = std::max(spec_->start, scheduler_->now());
    scheduler_->at(at, [this] { start(); });
}

void Workload::start() {
    if (node_->alive())
        return;
    node_->start(EventNumber{});
    started_ = scheduler_->now();
    if (!spec_->rate)
        node_->on_unblocked([this] { schedule_next(); });
    schedule_next();
}

void Workload::schedule_next() {
    if (spec_->records && sent_ >= *spec_->records)
        return;
    SimTime due = scheduler_->now() + kSendCall;
    if (spec_->rate)
        due = std::max(started_ + spec_->rate->due(sent_), scheduler_->now());
    if (spec_->stop && due >= *spec_->stop)
        return;
    scheduler_->at(due, [this] { send(); });
}

void Workload::send() {
    const client::RecordId id(static_cast<std::uint64_t>(sent_));
    client::RecordReady record;
    record.id = id;
    record.topic = spec_->topic;
    if (spec_->key) {
        const auto keys = static_cast<std::uint64_t>(spec_->key->keys);
        const std::uint64_t drawn = keys_.below(keys);
        const bool sequential = spec_->key->dist == KeySpec::Dist::Sequential;
        const std::uint64_t key = sequential ? static_cast<std::uint64_t>(sent_) % keys : drawn;
        record.key = bytes_of("key-" + std::to_string(key));
    }
    record.value = bytes_of(SendHistory::value_text(node_->name(), id, spec_->value_bytes));
    record.timestamp = node_->wall_now();
    ++sent_;
    node_->offer(std::move(record));
    if (spec_->rate || !node_->blocked())
        schedule_next();
}

}  // namespace bsim
