#include "sim/check/consumer_positions.h"

#include <fmt/format.h>

namespace bsim {

namespace {

// A log that holds the first record that was handed out, or nullptr.
const ReplicaLog* log_of(const RecordsConsumed& e, const ClusterView& view) {
    const PartitionView* const partition = view.partition(e.p);
    if (partition == nullptr)
        return nullptr;
    for (const auto& [broker, replica] : partition->by_broker) {
        const LoggedBatch* const batch = replica.log.at(e.from);
        if (batch != nullptr && batch->epoch == e.first_epoch)
            return &replica.log;
    }
    return nullptr;
}

}  // namespace

void ConsumerPositions::on(const Event& event, const ClusterView& view) {
    if (const auto* consumed = as<RecordsConsumed>(event)) {
        on_consumed(event, *consumed, view);
    } else if (const auto* skipped = as<RecordsSkipped>(event)) {
        const auto at = positions_.find({event.n, skipped->p});
        if (at != positions_.end() && at->second.next == skipped->from)
            at->second = {skipped->to, std::nullopt};
    } else if (const auto* reset = as<PositionReset>(event)) {
        on_reset(event, *reset);
    } else if (const auto* changed = as<PartitionChanged>(event)) {
        if (changed->reason == "created") {
            std::erase_if(positions_,
                          [&](const auto& entry) { return entry.first.second == changed->p; });
        }
    } else if (as<NodeStarted>(event) != nullptr) {
        std::erase_if(positions_, [&](const auto& entry) { return entry.first.first == event.n; });
    }
}

void ConsumerPositions::on_reset(const Event& event, const PositionReset& e) {
    positions_[{event.n, e.p}] = {e.to, std::nullopt};
    if (e.why == "initial" || e.why == "seek")
        return;
    evaluated();
    permit(event.i, event.t,
           fmt::format("{}: {} goes on at {} instead of {}, as its reset policy says ({})",
                       e.p.to_string(), event.n.text(), e.to.value(), e.from.value(), e.why));
}

void ConsumerPositions::on_consumed(const Event& event,
                                    const RecordsConsumed& e,
                                    const ClusterView& view) {
    const Position after{
        e.to, e.last_epoch < LeaderEpoch(0) ? std::nullopt : std::optional(e.last_epoch)};
    const auto [found, first] = positions_.try_emplace({event.n, e.p}, after);
    if (first)
        return;
    const Position at = found->second;
    found->second = after;
    evaluated();
    if (e.from < at.next) {
        violated(event.i, event.t,
                 fmt::format("{}: {} is handed {} again, its position was {}", e.p.to_string(),
                             event.n.text(), e.from.value(), at.next.value()));
        return;
    }
    const ReplicaLog* const log = log_of(e, view);
    if (e.from > at.next)
        passes_over(event, e, at, log);
    if (at.epoch && log != nullptr)
        still_there(event, e, at, *log);
}

void ConsumerPositions::passes_over(const Event& event,
                                    const RecordsConsumed& e,
                                    const Position& at,
                                    const ReplicaLog* log) {
    // Offsets that no batch spans, as compaction leaves them, are nothing to be handed.
    if (log != nullptr && log->batches()[log->index_at(at.next)].base >= e.from)
        return;
    violated(event.i, event.t,
             fmt::format("{}: {} is handed {} after {}, and never what stands between",
                         e.p.to_string(), event.n.text(), e.from.value(), at.next.value() - 1));
}

void ConsumerPositions::still_there(const Event& event,
                                    const RecordsConsumed& e,
                                    const Position& at,
                                    const ReplicaLog& log) {
    const LoggedBatch* before = log.at(at.next + -1);
    if (before == nullptr || before->epoch == *at.epoch)
        return;
    // Back to where the log leaves what the consumer knows.
    Offset lost = before->base;
    for (std::size_t i = log.index_at(lost); i > 0 && log.batches()[i - 1].epoch > *at.epoch; --i)
        lost = log.batches()[i - 1].base;
    violated(
        event.i, event.t,
        fmt::format("{}: {} goes on at {}, but what it was handed from {} on (epoch {}) is gone "
                    "and {}..{} of epoch {} never reach it",
                    e.p.to_string(), event.n.text(), e.from.value(), lost.value(),
                    at.epoch->value(), lost.value(), at.next.value() - 1, before->epoch.value()));
}

}  // namespace bsim
