#include "sim/protocol/client/committed_offsets.h"

#include <algorithm>
#include <utility>

#include "sim/wire/messages/offset_fetch_request.h"

namespace bsim::client {

using wire::ErrorCode;

namespace {

// Since then several groups can be asked about at once.
constexpr std::int16_t kFirstWithGroups = 8;

}  // namespace

CommittedOffsets::CommittedOffsets(const ConsumerSettings& settings)
    : group_id_(settings.group->group_id),
      backoff_(client_backoff(settings.retry_backoff_ms, settings.retry_backoff_max_ms)) {}

void CommittedOffsets::abandon() {
    waiting_ = false;
    sleep_until_.reset();
}

Progress CommittedOffsets::end(Progress how) {
    abandon();
    return how;
}

Progress CommittedOffsets::fetch(const GroupTurn& g, const Question& question, SimTime deadline) {
    if (!waiting_) {
        waiting_ = true;
        attempts_ = 0;
    }
    if (pending_ && pending_->question != question)
        pending_.reset();
    while (true) {
        if (const std::optional<Progress> end = advance(g, question, deadline))
            return *end;
    }
}

std::optional<Progress> CommittedOffsets::advance(const GroupTurn& g,
                                                  const Question& question,
                                                  SimTime deadline) {
    if (sleep_until_) {
        if (g.now() < *sleep_until_)
            return Progress::Sleeps;
        sleep_until_.reset();
        if (g.now() >= deadline)
            return end(Progress::GaveUp);
    }
    if (!pending_ || g.lookup.waiting()) {
        const Progress known = g.lookup.ensure_known(g.turn, g.network, deadline);
        if (known == Progress::Waits || known == Progress::Sleeps)
            return known;
        if (known == Progress::GaveUp) {
            failure_ = g.lookup.take_failure();
            return end(Progress::GaveUp);
        }
    }
    if (!pending_)
        ask(g, question);
    if (!pending_->done)
        return g.now() < deadline ? Progress::Waits : end(Progress::GaveUp);
    const std::optional<GroupFailure> failure = std::exchange(pending_, std::nullopt)->failure;
    if (!failure)
        return end(Progress::Done);
    if (!failure->retriable()) {
        failure_ = failure;
        return end(Progress::GaveUp);
    }
    const SimDuration backoff = backoff_.after(attempts_++, g.turn.draws.next());
    sleep_until_ = std::min(g.now() + backoff, std::max(g.now(), deadline));
    return std::nullopt;
}

void CommittedOffsets::ask(const GroupTurn& g, const Question& question) {
    pending_ = Pending();  // clang 14 takes its emplace() for impossible
    pending_->question = question;
    const std::optional<NodeId> coordinator = g.coordinator();
    if (!coordinator) {
        pending_->done = true;
        pending_->failure =
            GroupFailure{GroupFailure::Kind::Answered, ErrorCode::CoordinatorNotAvailable};
        return;
    }
    wire::OffsetFetchRequest request;
    request.require_stable = true;
    auto& asked = request.groups.emplace_back();
    asked.group_id = group_id_;
    auto& topics = asked.topics.emplace();
    for (const TopicPartition& tp : question.partitions) {
        if (topics.empty() || topics.back().name != tp.topic)
            topics.emplace_back().name = tp.topic;
        topics.back().partition_indexes.push_back(tp.partition.value());
    }
    pending_->id = g.network.enqueue(g.now(), {*coordinator, std::move(request), kFirstWithGroups});
    requests_.insert(*pending_->id);
    g.network.send_queued(g.turn);
}

bool CommittedOffsets::handle(const GroupTurn& g, const RequestOutcome& outcome) {
    if (requests_.erase(outcome.id) == 0)
        return false;
    std::optional<GroupFailure> failure;
    const Offsets before = offsets_;
    const bool current = pending_ && pending_->id == outcome.id;
    switch (outcome.outcome) {
        case ClientResponse::Outcome::Answered:
            failure = read(g, std::get<wire::OffsetFetchResponse>(outcome.response->body));
            break;
        case ClientResponse::Outcome::TimedOut:
            failure = GroupFailure{GroupFailure::Kind::TimedOut};
            break;
        case ClientResponse::Outcome::VersionUnsupported:
            failure = GroupFailure{GroupFailure::Kind::Answered, ErrorCode::UnsupportedVersion};
            break;
        case ClientResponse::Outcome::Sent:
        case ClientResponse::Outcome::Disconnected:
            g.lookup.mark_unknown(g.network, true);
            failure = GroupFailure{GroupFailure::Kind::Disconnected};
            break;
    }
    if (!current) {
        offsets_ = before;
        return true;
    }
    pending_->done = true;
    pending_->failure = std::move(failure);
    return true;
}

std::optional<GroupFailure> CommittedOffsets::read(const GroupTurn& g,
                                                   const wire::OffsetFetchResponse& told) {
    offsets_.clear();
    bool unstable = false;
    std::optional<GroupFailure> unauthorized;
    for (const auto& answer : told.groups) {
        const ErrorCode error = wire::error_code(answer.error_code);
        if (error == ErrorCode::CoordinatorNotAvailable || error == ErrorCode::NotCoordinator)
            g.lookup.mark_unknown(g.network, false);
        if (error != ErrorCode::None) {
            const bool known =
                wire::is_retriable(error) || error == ErrorCode::GroupAuthorizationFailed;
            return GroupFailure{
                known ? GroupFailure::Kind::Answered : GroupFailure::Kind::Unexpected, error};
        }
        for (const auto& topic : answer.topics) {
            for (const auto& data : topic.partitions) {
                const TopicPartition tp{topic.name, PartitionIndex(data.partition_index)};
                const ErrorCode why = wire::error_code(data.error_code);
                if (why == ErrorCode::TopicAuthorizationFailed) {
                    unauthorized = GroupFailure{GroupFailure::Kind::Answered, why};
                } else if (why == ErrorCode::UnstableOffsetCommit) {
                    unstable = true;
                } else if (why != ErrorCode::None) {
                    return GroupFailure{GroupFailure::Kind::Unexpected, why};
                } else if (data.committed_offset < 0) {
                    offsets_[tp] = std::nullopt;
                } else {
                    CommittableOffset found{Offset(data.committed_offset), std::nullopt};
                    if (data.committed_leader_epoch >= 0)
                        found.epoch = LeaderEpoch(data.committed_leader_epoch);
                    offsets_[tp] = found;
                }
            }
        }
    }
    if (unauthorized)
        return unauthorized;
    if (unstable)
        return GroupFailure{GroupFailure::Kind::Answered, ErrorCode::UnstableOffsetCommit};
    return std::nullopt;
}

}  // namespace bsim::client
