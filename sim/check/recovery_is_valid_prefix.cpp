#include "sim/check/recovery_is_valid_prefix.h"

#include <algorithm>
#include <fmt/format.h>

namespace bsim {

namespace {

bool is_metadata(const TopicPartition& p) {
    return p.topic == "__cluster_metadata";
}

}  // namespace

void RecoveryIsValidPrefix::on(const Event& event, const ClusterView& view) {
    if (const auto* appended = as<LogAppended>(event)) {
        if (is_metadata(appended->p))
            on_appended(event, *appended);
    } else if (const auto* truncated = as<LogTruncated>(event)) {
        if (is_metadata(truncated->p))
            on_truncated(event, *truncated);
    } else if (const auto* recovered = as<LogRecovered>(event)) {
        on_recovered(event, *recovered, view);
    }
}

void RecoveryIsValidPrefix::on_appended(const Event& event, const LogAppended& e) {
    const auto id = event.n.kafka_id();
    const auto& voters = settings_.voters;
    if (!id || std::find(voters.begin(), voters.end(), *id) == voters.end())
        return;
    Voter& voter = voters_[*id];
    if (event.t > voter.appended)
        voter.settled = voter.end;
    voter.appended = event.t;
    voter.end = e.last + 1;
}

void RecoveryIsValidPrefix::on_truncated(const Event& event, const LogTruncated& e) {
    const auto id = event.n.kafka_id();
    const auto found = id ? voters_.find(*id) : voters_.end();
    if (found == voters_.end())
        return;
    Voter& voter = found->second;
    // What was thrown away as a whole is not replaced before something is written.
    voter.settled = e.to < e.from ? std::min(voter.settled, e.to) : Offset();
    voter.end = e.to < e.from ? std::min(voter.end, e.to) : Offset();
}

void RecoveryIsValidPrefix::on_recovered(const Event& event,
                                         const LogRecovered& e,
                                         const ClusterView& view) {
    const auto id = event.n.kafka_id();
    const auto node = view.nodes().find(event.n);
    if (!id || node == view.nodes().end() || !node->second.last_stop)
        return;
    const LogBefore& before = view.before();
    // Of a log of an older topic of that name nothing is known.
    if (before.furthest == Offset())
        return;
    evaluated();
    // A process that ended before it had loaded its logs told nothing of what power had taken.
    const StopMode how = before.power_failed ? StopMode::Power : *node->second.last_stop;
    std::string wrong = wrong_end(e, *id, how, before);
    if (wrong.empty()) {
        const auto& removed = view.removed();
        const auto cut = std::find_if(removed.begin(), removed.end(), [&](const LoggedBatch& b) {
            return b.base < e.leo && b.last >= e.leo;
        });
        if (cut != removed.end())
            wrong = "that is within " + cut->to_string();
    }
    // A new life begins with what there is; nobody has flushed it.
    if (is_metadata(e.p) && voters_.contains(*id)) {
        Voter& voter = voters_[*id];
        voter.end = how == StopMode::Power ? e.leo : std::min(voter.settled, e.leo);
        voter.settled = voter.end;
    }
    if (wrong.empty())
        return;
    judge(event.i, event.t,
          fmt::format("{}: the log of {} ends at {} after its {}, but {}", e.p.to_string(),
                      event.n.text(), e.leo.value(),
                      how == StopMode::Power  ? "power failure"
                      : how == StopMode::Kill ? "kill"
                                              : "orderly stop",
                      wrong),
          before.wiped ? "its disk was replaced" : "");
}

std::string RecoveryIsValidPrefix::wrong_end(const LogRecovered& e,
                                             BrokerId id,
                                             StopMode how,
                                             const LogBefore& before) const {
    if (how != StopMode::Power) {
        return e.leo == before.end ? "" : fmt::format("it had ended at {}", before.end.value());
    }
    if (e.leo < before.flushed)
        return fmt::format("all below {} was on disk", before.flushed.value());
    if (e.leo > before.furthest)
        return fmt::format("it had never reached further than {}", before.furthest.value());
    const auto voter = voters_.find(id);
    if (is_metadata(e.p) && voter != voters_.end() && e.leo < voter->second.settled) {
        return fmt::format("it had to have flushed all below {} before it appended more",
                           voter->second.settled.value());
    }
    return "";
}

}  // namespace bsim
