#include "sim/check/consumer_positions.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/check/offsets_topic_loss.h"

namespace bsim {

namespace {

bool still_committed(const std::string& name, const TopicPartition& p, const ClusterView& view) {
    const GroupSnapshot* const group = view.groups().group(name);
    return group != nullptr && group->offsets.contains(p);
}

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
        on_skipped(event, *skipped);
    } else if (const auto* reset = as<PositionReset>(event)) {
        on_reset(event, *reset, view);
    } else if (const auto* assignment = as<AssignmentChanged>(event)) {
        on_changed(event, *assignment, view);
    } else if (const auto* committed = as<OffsetCommitted>(event)) {
        on_committed(event, *committed, view);
    } else if (const auto* removed = as<OffsetRemoved>(event)) {
        on_removed(*removed);
    } else if (const auto* moved = as<GroupMoved>(event)) {
        if (moved->loaded)
            readers_.loaded(event, moved->group);
    } else if (const auto* changed = as<PartitionChanged>(event)) {
        if (changed->reason == "created")
            on_created(changed->p);
    } else if (as<NodeStarted>(event) != nullptr || as<NodeStopped>(event) != nullptr) {
        on_stopped(event.n);
    }
}

void ConsumerPositions::on_created(const TopicPartition& p) {
    std::erase_if(positions_, [&](const auto& entry) { return entry.first.second == p; });
    std::erase_if(committed_, [&](const auto& entry) { return entry.first.second == p; });
    readers_.recreated(p);
}

void ConsumerPositions::on_stopped(const NodeName& node) {
    std::erase_if(positions_, [&](const auto& entry) { return entry.first.first == node; });
    readers_.stopped(node);
}

void ConsumerPositions::on_changed(const Event& event,
                                   const AssignmentChanged& e,
                                   const ClusterView& view) {
    for (const TopicPartition& p : readers_.changed(event.n, e, view))
        positions_.erase({event.n, p});
}

void ConsumerPositions::on_skipped(const Event& event, const RecordsSkipped& e) {
    if (const std::string* const group = readers_.group_of(event.n, e.p))
        readers_.handed(*group, e.p, {e.from, e.to});
    const auto at = positions_.find({event.n, e.p});
    if (at != positions_.end() && at->second.next == e.from)
        at->second = {e.to, std::nullopt};
}

void ConsumerPositions::on_reset(const Event& event,
                                 const PositionReset& e,
                                 const ClusterView& view) {
    const bool declared = e.why != "initial" && e.why != "committed";
    if (declared) {
        readers_.begin(event.n, e.p);
        if (const std::string* const group = readers_.group_of(event.n, e.p))
            readers_.handed(*group, e.p, {std::max(e.from, Offset()), e.to});
    } else {
        begins(event, e.p, {e.to, &e}, view);
    }
    const std::string* const group = readers_.group_of(event.n, e.p);
    const bool resumes = group != nullptr && e.why == "committed";
    positions_[{event.n, e.p}] = {
        e.to, resumes ? readers_.epoch_before(*group, e.p, e.to) : std::nullopt};
    if (!declared || e.why == "seek")
        return;
    evaluated();
    permit(event.i, event.t,
           fmt::format("{}: {} goes on at {} instead of {}, as its reset policy says ({})",
                       e.p.to_string(), event.n.text(), e.to.value(), e.from.value(), e.why));
}

void ConsumerPositions::begins(const Event& event,
                               const TopicPartition& p,
                               const First& first,
                               const ClusterView& view) {
    const auto start = readers_.begin(event.n, p);
    if (!start)
        return;
    const bool found_none = first.told != nullptr && first.told->why == "initial";
    if (!start->committed || (found_none && !still_committed(start->group, p, view))) {
        readers_.handed(start->group, p, {Offset(), first.at});
        return;
    }
    evaluated();
    const Offset committed = *start->committed;
    const GroupReaders::Gap between{committed, first.at};
    const bool too_high = first.told != nullptr && first.at > start->highest && !start->untold;
    std::string how =
        fmt::format("{}: {} begins at {}{}, but {} has committed {}", p.to_string(), event.n.text(),
                    first.at.value(), found_none ? " as if nothing were committed" : "",
                    start->group, committed.value());
    const auto missed = readers_.missed(start->group, p, between, view);
    if (missed && !found_none) {
        violated(event.i, event.t,
                 fmt::format("{} and was never handed {}..{}", how, missed->from.value(),
                             missed->to.value() - 1));
        readers_.handed(start->group, p, between);
    } else if (found_none || too_high || first.at < committed) {
        const std::string allowed =
            excused_by_loss(offsets_topic_loss(view, settings_, start->group), start->told);
        judge(event.i, event.t, std::move(how), allowed);
    }
}

void ConsumerPositions::on_committed(const Event& event,
                                     const OffsetCommitted& e,
                                     const ClusterView& view) {
    readers_.committed(event, e, view);
    const auto before = committed_.find({e.group, e.p});
    const auto first = before == committed_.end() ? readers_.first_handed(e.group, e.p)
                                                  : std::optional(before->second);
    committed_[{e.group, e.p}] = e.offset;
    if (e.generation < GenerationId()) {
        readers_.handed(e.group, e.p, {Offset(), e.offset});
        return;
    }
    if (!first || *first >= e.offset)
        return;
    evaluated();
    const auto missed = readers_.missed(e.group, e.p, {*first, e.offset}, view);
    if (!missed)
        return;
    violated(event.i, event.t,
             fmt::format("{}: {} commits {}, but was never handed {}..{}", e.p.to_string(), e.group,
                         e.offset.value(), missed->from.value(), missed->to.value() - 1));
    readers_.handed(e.group, e.p, {*first, e.offset});
}

void ConsumerPositions::on_consumed(const Event& event,
                                    const RecordsConsumed& e,
                                    const ClusterView& view) {
    const Position after{
        e.to, e.last_epoch < LeaderEpoch(0) ? std::nullopt : std::optional(e.last_epoch)};
    if (const std::string* const group = readers_.group_of(event.n, e.p)) {
        begins(event, e.p, {e.from, nullptr}, view);
        readers_.handed_records(*group, e.p, {e.from, e.to}, {e.first_epoch, e.last_epoch});
    }
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
