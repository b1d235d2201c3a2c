#include "sim/protocol/admin/record_deletion.h"

#include <utility>

namespace bsim::admin {
namespace {

using wire::ErrorCode;

constexpr std::int64_t kJitterPermille = 200;

// Kafka's InvalidMetadataException and its kin.
bool says_stale_metadata(ErrorCode error) {
    switch (error) {
        case ErrorCode::NotLeaderOrFollower:
        case ErrorCode::UnknownTopicOrPartition:
        case ErrorCode::LeaderNotAvailable:
        case ErrorCode::ReplicaNotAvailable:
        case ErrorCode::KafkaStorageError:
        case ErrorCode::FencedLeaderEpoch:
            return true;
        default:
            return false;
    }
}

}  // namespace

RecordDeletion::RecordDeletion(const AdminConfig& config, std::map<TopicPartition, Offset> before)
    : backoff_{config.retry_backoff, config.retry_backoff_max, kJitterPermille},
      timeout_(config.default_api_timeout),
      before_(std::move(before)) {
    for (const auto& [tp, offset] : before_)
        unmapped_.insert(tp);
}

void RecordDeletion::step(const AdminContext& context,
                          const DeletionInput& in,
                          DeletionEffects& out) {
    if (done_)
        return;
    if (!deadline_)
        deadline_ = context.now + timeout_;
    if (const auto* found = std::get_if<LeadersFound>(&in)) {
        take(*found);
    } else if (const auto* answered = std::get_if<LeaderAnswered>(&in)) {
        take(*answered);
    } else if (const auto* lost = std::get_if<DeletionCallLost>(&in)) {
        take(*lost);
    } else {
        waiting_ = false;
    }
    if (results_.size() == before_.size() || context.now >= *deadline_)
        return finish(out);
    ask_mapped(out);
    if (unmapped_.empty() || looking_up_ || waiting_)
        return;
    const bool first = std::holds_alternative<DeletionBegun>(in);
    if (first || std::holds_alternative<DeletionTimerFired>(in)) {
        looking_up_ = true;
        LookUpLeaders look;
        for (const TopicPartition& tp : unmapped_)
            look.topics.insert(tp.topic);
        out.emplace_back(LookUpLeaders{std::move(look)});
        return;
    }
    waiting_ = true;
    const SimTime next = context.now + backoff_.after(rounds_++, context.draw);
    out.emplace_back(ArmDeletionTimer{next});
}

void RecordDeletion::take(const LeadersFound& in) {
    looking_up_ = false;
    for (auto it = unmapped_.begin(); it != unmapped_.end();) {
        const TopicPartition tp = *it;
        const auto error = in.topic_errors.find(tp.topic);
        const auto leader = in.leaders.find(tp);
        if (error != in.topic_errors.end() && error->second != ErrorCode::LeaderNotAvailable) {
            results_[tp] = DeletedRecords{error->second, Offset(-1)};
        } else if (leader != in.leaders.end()) {
            mapped_[tp] = leader->second;
        } else {
            ++it;
            continue;
        }
        it = unmapped_.erase(it);
    }
}

void RecordDeletion::take(const LeaderAnswered& in) {
    for (const auto& [tp, result] : in.results) {
        if (asked_.erase(tp) == 0)
            continue;
        // A request that the leader gave up waiting on is asked again, as is one to a stale leader.
        if (says_stale_metadata(result.error) || result.error == ErrorCode::RequestTimedOut) {
            unmapped_.insert(tp);
        } else {
            results_[tp] = result;
        }
    }
}

void RecordDeletion::take(const DeletionCallLost& in) {
    if (!in.broker) {
        looking_up_ = false;
        return;
    }
    for (auto it = asked_.begin(); it != asked_.end();) {
        if (it->second != *in.broker) {
            ++it;
            continue;
        }
        unmapped_.insert(it->first);
        it = asked_.erase(it);
    }
}

void RecordDeletion::ask_mapped(DeletionEffects& out) {
    std::map<BrokerId, AskLeader> requests;
    for (const auto& [tp, leader] : mapped_) {
        AskLeader& request = requests.try_emplace(leader, AskLeader{leader, {}}).first->second;
        request.before[tp] = before_.at(tp);
        asked_[tp] = leader;
    }
    mapped_.clear();
    for (auto& [leader, request] : requests)
        out.emplace_back(AskLeader{std::move(request)});
}

void RecordDeletion::finish(DeletionEffects& out) {
    done_ = true;
    for (const auto& [tp, offset] : before_)
        results_.try_emplace(tp, DeletedRecords{ErrorCode::RequestTimedOut, Offset(-1)});
    out.emplace_back(CompleteDeletion{std::move(results_)});
}

}  // namespace bsim::admin
