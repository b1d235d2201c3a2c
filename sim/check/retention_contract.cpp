#include "sim/check/retention_contract.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

#include "sim/check/event_replica.h"

namespace bsim {

RetentionContract::RetentionContract(const CheckSettings& settings)
    : Checker("retention-contract", CheckKind::Safety),
      settings_(settings),
      counts_bytes_(settings.default_retention.bytes ||
                    std::any_of(settings.retention.begin(),
                                settings.retention.end(),
                                [](const auto& entry) { return entry.second.bytes; })),
      clocks_true_(settings.clocks_true) {}

void RetentionContract::on(const Event& event, const ClusterView& view) {
    if (const auto* appended = as<LogAppended>(event)) {
        const auto id = counts_bytes_ ? event.n.kafka_id() : std::nullopt;
        if (id && settings_.retention_of(appended->p.topic).bytes)
            on_appended(*id, *appended);
        return;
    }
    if (const auto* fault = as<FaultStarted>(event))
        return on_fault(*fault);
    if (const auto* changed = as<PartitionChanged>(event)) {
        if (changed->reason != "created")
            return;
        std::erase_if(logs_, [&](const auto& entry) { return entry.first.second == changed->p; });
        chosen_start_.erase(changed->p);
        begun_.erase(changed->p);
        return;
    }
    const auto id = event.n.kafka_id();
    if (!id)
        return;
    if (const auto* rolled = as<SegmentRolled>(event)) {
        on_rolled(event, *rolled, view);
    } else if (const auto* deleted = as<SegmentDeleted>(event)) {
        on_deleted(event, *deleted, view);
    } else if (const auto* start = as<LogStartAdvanced>(event)) {
        on_start(event, *start);
    } else if (const auto* truncated = as<LogTruncated>(event)) {
        on_truncated(*id, *truncated);
    } else if (as<NodeStarted>(event) != nullptr) {
        forget(*id);
    }
}

void RetentionContract::on_fault(const FaultStarted& e) {
    if (e.fault == "config-change")
        settings_known_ = false;
    if (e.fault.starts_with("clock"))
        clocks_true_ = false;
}

// A process that starts reads its segments anew; what it finds may differ from what was told.
void RetentionContract::forget(BrokerId broker) {
    const auto first = logs_.lower_bound({broker, TopicPartition{}});
    auto last = first;
    while (last != logs_.end() && last->first.first == broker)
        ++last;
    logs_.erase(first, last);
}

RetentionContract::Log& RetentionContract::log_of(BrokerId broker, const TopicPartition& p) {
    return logs_[{broker, p}];
}

void RetentionContract::on_appended(BrokerId broker, const LogAppended& e) {
    Log& log = log_of(broker, e.p);
    // Of a log that was there before this life began it is not known how large it is.
    if (log.segments.empty())
        log.segments.push_back(
            {e.base, e.base == Offset() ? std::optional<std::int64_t>(0) : std::nullopt});
    auto& bytes = log.segments.back().bytes;
    if (bytes)
        *bytes += e.bytes;
}

void RetentionContract::on_rolled(const Event& event,
                                  const SegmentRolled& e,
                                  const ClusterView& view) {
    const ReplicaView* const replica = replica_of(event, e.p, view);
    Log& log = log_of(*event.n.kafka_id(), e.p);
    if (replica != nullptr && replica->log.end() > Offset()) {
        evaluated();
        if (e.base < replica->log.end()) {
            violated(event.i, event.t,
                     fmt::format("{}: {} begins a segment at {}, but its log ends at {}",
                                 e.p.to_string(), event.n.text(), e.base.value(),
                                 replica->log.end().value()));
        }
    }
    if (replica != nullptr && replica->role == Role::Leader)
        begun_[e.p].try_emplace(e.base, event.t);
    std::erase_if(log.segments, [&](const Segment& segment) { return segment.base >= e.base; });
    log.segments.push_back({e.base, 0});
}

void RetentionContract::on_deleted(const Event& event,
                                   const SegmentDeleted& e,
                                   const ClusterView& view) {
    Log& log = log_of(*event.n.kafka_id(), e.p);
    const auto next = std::find_if(log.segments.begin(), log.segments.end(),
                                   [&](const Segment& segment) { return segment.base > e.base; });
    const std::string what = fmt::format("{}: {} deletes the segment from {} on ({})",
                                         e.p.to_string(), event.n.text(), e.base.value(), e.why);
    const bool is_known =
        std::any_of(log.segments.begin(), log.segments.end(),
                    [&](const Segment& segment) { return segment.base == e.base; });
    if (next == log.segments.end()) {
        // Without any news of segments nobody knows where this one ends.
        if (!is_known)
            return;
        evaluated();
        violated(event.i, event.t, what + ", which is the active one");
        return;
    }
    evaluated();
    const Offset end = next->base;
    log.segments.erase(log.segments.begin(), next);
    const ReplicaView* const replica = replica_of(event, e.p, view);
    const PartitionView* const partition = view.partition(e.p);
    auto hw = replica != nullptr ? replica->hw : std::nullopt;
    if (!hw && partition != nullptr)
        hw = partition->leader_hw;
    if (hw && end > *hw) {
        violated(event.i, event.t,
                 fmt::format("{}, which ends at {}, above the high watermark {}", what, end.value(),
                             hw->value()));
    }
    const std::string wrong = wrong_reason(event, e, log, end);
    if (!wrong.empty())
        violated(event.i, event.t, what + ", but " + wrong);
}

// `log` is what is left.
std::string RetentionContract::wrong_reason(const Event& event,
                                            const SegmentDeleted& e,
                                            const Log& log,
                                            Offset end) const {
    if (e.why == "log-start") {
        return log.start && end > *log.start ? fmt::format("it ends at {} and the log starts at {}",
                                                           end.value(), log.start->value())
                                             : "";
    }
    if (!settings_known_)
        return "";
    const auto& limits = settings_.retention_of(e.p.topic);
    if (!limits.deletes)
        return "cleanup.policy is not delete";
    if (e.why == "retention-ms")
        return too_young(event, e, end);
    if (e.why != "retention-bytes")
        return "";
    if (!limits.bytes)
        return "retention.bytes has no limit";
    std::int64_t left = 0;
    for (const Segment& segment : log.segments) {
        if (!segment.bytes)
            return "";
        left += *segment.bytes;
    }
    if (left >= *limits.bytes)
        return "";
    return fmt::format("only {} bytes are left and retention.bytes is {}", left, *limits.bytes);
}

std::string RetentionContract::too_young(const Event& event,
                                         const SegmentDeleted& e,
                                         Offset end) const {
    const auto& limit = settings_.retention_of(e.p.topic).ms;
    if (!limit)
        return "retention.ms has no limit";
    if (!clocks_true_)
        return "";
    SimTime written;
    if (const auto begun = begun_.find(e.p); begun != begun_.end()) {
        const auto after = begun->second.lower_bound(end);
        if (after != begun->second.begin())
            written = std::prev(after)->second;
    }
    const SimDuration age = event.t - written + settings_.delivery_timeout;
    if (age.ms() >= *limit)
        return "";
    return fmt::format("its newest records are at most {} ms old and retention.ms is {}", age.ms(),
                       *limit);
}

void RetentionContract::on_start(const Event& event, const LogStartAdvanced& e) {
    Log& log = log_of(*event.n.kafka_id(), e.p);
    if (log.start) {
        evaluated();
        if (e.to < *log.start) {
            violated(event.i, event.t,
                     fmt::format("{}: the log start of {} goes back from {} to {}", e.p.to_string(),
                                 event.n.text(), log.start->value(), e.to.value()));
        }
    }
    log.start = e.to;
    if (e.p == ClusterView::metadata_partition())
        return;
    Offset& highest = chosen_start_[e.p];
    if (!e.why.starts_with("leader")) {
        highest = std::max(highest, e.to);
        return;
    }
    evaluated();
    if (e.to <= highest)
        return;
    violated(event.i, event.t,
             fmt::format("{}: the log of {} starts at {}, but no replica has chosen to start above "
                         "{}",
                         e.p.to_string(), event.n.text(), e.to.value(), highest.value()));
}

void RetentionContract::on_truncated(BrokerId broker, const LogTruncated& e) {
    if (e.to >= e.from) {
        Offset& highest = chosen_start_[e.p];
        highest = std::max(highest, e.to);
    }
    const auto found = logs_.find({broker, e.p});
    if (found == logs_.end())
        return;
    Log& log = found->second;
    if (e.to >= e.from) {
        log = Log{{{e.to, 0}}, std::nullopt};
        return;
    }
    while (!log.segments.empty() && log.segments.back().base > e.to)
        log.segments.pop_back();
    // How many bytes went is not told.
    if (!log.segments.empty())
        log.segments.back().bytes.reset();
}

}  // namespace bsim
