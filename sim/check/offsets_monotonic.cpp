#include "sim/check/offsets_monotonic.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string_view>

#include "sim/check/offsets_topic_loss.h"

namespace bsim {

namespace {

// The coordinator looked at the commit and refused it, or it was never sent (COMMIT_FAILED): it
// will not take effect later.
bool is_verdict(std::string_view error) {
    constexpr std::array<std::string_view, 9> kVerdicts = {"ILLEGAL_GENERATION",
                                                           "UNKNOWN_MEMBER_ID",
                                                           "FENCED_INSTANCE_ID",
                                                           "REBALANCE_IN_PROGRESS",
                                                           "OFFSET_METADATA_TOO_LARGE",
                                                           "INVALID_COMMIT_OFFSET_SIZE",
                                                           "GROUP_AUTHORIZATION_FAILED",
                                                           "COORDINATOR_LOAD_IN_PROGRESS",
                                                           "COMMIT_FAILED"};
    return std::find(kVerdicts.begin(), kVerdicts.end(), error) != kVerdicts.end();
}

// How long a request may be on its way (request.timeout.ms is 30 s) and its record may then wait
// for the replicas (offsets.commit.timeout.ms is 5 s).
constexpr SimDuration kInDoubt = seconds(35);

}  // namespace

void OffsetsMonotonic::on(const Event& event, const ClusterView& view) {
    if (const auto* committed = as<OffsetCommitted>(event)) {
        on_committed(event, *committed, view);
    } else if (const auto* hw = as<HwAdvanced>(event)) {
        if (hw->p.topic == GroupFold::kOffsetsTopic)
            written_[{hw->p, event.n}].replicate(hw->hw);
    } else if (const auto* appended = as<LogAppended>(event)) {
        if (appended->p.topic == GroupFold::kOffsetsTopic)
            written_[{appended->p, event.n}].open.emplace_back(event.t, appended->last + 1);
    } else if (const auto* leader = as<BecameLeader>(event)) {
        written_.erase({leader->p, event.n});
    } else if (const auto* follower = as<BecameFollower>(event)) {
        written_.erase({follower->p, event.n});
    } else if (const auto* reset = as<PositionReset>(event)) {
        on_reset(event, *reset);
    } else if (const auto* changed = as<AssignmentChanged>(event)) {
        // Until the next generation is complete the commits of this one may still arrive.
        Consumer& consumer = consumers_[event.n];
        if (changed->why == "assigned" || consumer.member.empty())
            consumer = {changed->group, changed->member, std::nullopt};
    } else if (const auto* removed = as<OffsetRemoved>(event)) {
        on_removed(event, *removed, view);
    } else if (const auto* failed = as<CommitFailed>(event)) {
        if (!is_verdict(failed->error))
            consumers_[event.n].unknown = event.t;
    } else if (as<CommitRetried>(event) != nullptr) {
        consumers_[event.n].unknown = event.t;
    } else if (const auto* partition = as<PartitionChanged>(event)) {
        if (partition->reason == "created")
            forget(partition->p);
    } else if (const auto* state = as<GroupState>(event)) {
        if (state->to == GroupStateName::Dead && view.groups().coordinates(event.n, state->group)) {
            std::erase_if(committed_,
                          [&](const auto& entry) { return entry.first.first == state->group; });
        }
    }
}

void OffsetsMonotonic::on_removed(const Event& event,
                                  const OffsetRemoved& e,
                                  const ClusterView& view) {
    committed_.erase({e.group, e.p});
    const GroupSnapshot* const group = view.groups().group(e.group);
    if (e.why != "expired" || group == nullptr || !view.groups().coordinates(event.n, e.group))
        return;
    evaluated();
    if (group->state != GroupStateName::Stable || group->assigned_generation != group->generation)
        return;
    for (const auto& [client, partitions] : group->assignment) {
        const bool reads =
            std::any_of(partitions.begin(), partitions.end(),
                        [&](const TopicPartition& p) { return p.topic == e.p.topic; });
        if (!reads)
            continue;
        violated(event.i, event.t,
                 fmt::format("{}: the committed offset of {} expires, but {} reads {}", e.group,
                             e.p.to_string(), client, e.p.topic));
        return;
    }
}

void OffsetsMonotonic::forget(const TopicPartition& p) {
    std::erase_if(committed_, [&](const auto& entry) { return entry.first.second == p; });
}

void OffsetsMonotonic::on_reset(const Event& event, const PositionReset& e) {
    const bool forward = e.from >= Offset() && e.to >= e.from;
    if (e.why == "initial" || e.why == "committed" || forward)
        return;
    const auto consumer = consumers_.find(event.n);
    if (consumer == consumers_.end())
        return;
    const auto committed = committed_.find({consumer->second.group, e.p});
    if (committed == committed_.end())
        return;
    auto& reset = committed->second.reset;
    reset = std::min(reset.value_or(e.to), e.to);
}

bool OffsetsMonotonic::is_in_doubt(SimTime now,
                                   const OffsetCommitted& e,
                                   const ClusterView& view) const {
    const GroupSnapshot* const group = view.groups().group(e.group);
    const std::string client = group == nullptr ? "" : group->client_of(e.member);
    return std::any_of(consumers_.begin(), consumers_.end(), [&](const auto& entry) {
        const Consumer& consumer = entry.second;
        const bool same =
            consumer.member.empty() ? entry.first.text() == client : consumer.member == e.member;
        return consumer.unknown && now - *consumer.unknown <= kInDoubt &&
               consumer.group == e.group && same;
    });
}

void OffsetsMonotonic::Written::replicate(Offset hw) {
    while (!open.empty() && open.front().second <= hw) {
        replicated = open.front().first;
        open.pop_front();
    }
}

void OffsetsMonotonic::judge_moment(const Event& event,
                                    const OffsetCommitted& e,
                                    const ClusterView& view) {
    const auto p = view.groups().partition_of(e.group);
    const auto found = p ? written_.find({*p, event.n}) : written_.end();
    if (!settings_.commits_wait_for_isr || found == written_.end())
        return;
    evaluated();
    const Written& written = found->second;
    const SimTime accepted = event.t - e.latency_ns;
    if (written.open.empty() || written.open.back().first < accepted ||
        (written.replicated && *written.replicated >= accepted))
        return;
    violated(event.i, event.t,
             fmt::format("{}: offset {} of {} is committed before it is replicated", e.group,
                         e.offset.value(), e.p.to_string()));
}

void OffsetsMonotonic::on_committed(const Event& event,
                                    const OffsetCommitted& e,
                                    const ClusterView& view) {
    judge_moment(event, e, view);
    const EventNumber told = told_when(event, e.group, view);
    const auto [found, first] =
        committed_.try_emplace({e.group, e.p}, Committed{e.offset, told, {}});
    if (first)
        return;
    const Committed before = found->second;
    found->second.offset = e.offset;
    found->second.told = told;
    evaluated();
    if (e.offset >= before.offset)
        return;
    found->second.reset.reset();
    if (e.generation < GenerationId() || (before.reset && *before.reset <= e.offset))
        return;
    std::string how = fmt::format("{}: the committed offset of {} goes back from {} to {}", e.group,
                                  e.p.to_string(), before.offset.value(), e.offset.value());
    std::string allowed =
        excused_by_loss(offsets_topic_loss(view, settings_, e.group), before.told);
    if (allowed.empty() && is_in_doubt(event.t, e, view))
        allowed = "a commit of unknown outcome took effect late";
    judge(event.i, event.t, std::move(how), allowed);
}

}  // namespace bsim
