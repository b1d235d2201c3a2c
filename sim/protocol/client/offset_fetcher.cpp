#include "sim/protocol/client/offset_fetcher.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"

namespace bsim::client {

using wire::ErrorCode;

namespace {

constexpr std::int64_t kLatest = -1;
constexpr std::int64_t kEarliest = -2;
constexpr std::int32_t kConsumer = -1;  // as replica id

const TopicPartition& partition_of(const TopicPartition& tp) {
    return tp;
}
const TopicPartition& partition_of(const std::pair<const TopicPartition, FetchPosition>& entry) {
    return entry.first;
}

}  // namespace

void OffsetFetcher::look_at_metadata(ConsumerPositions& positions,
                                     const MetadataUpdater& metadata) {
    if (std::exchange(metadata_version_, metadata.update_version()) == metadata.update_version())
        return;
    for (auto& [tp, position] : positions) {
        const LeaderAndEpoch leader = metadata.cluster().current_leader(tp);
        if (settings_.truncation_check) {
            position.take_leader(leader);
        } else {
            position.take_leader_unchecked(leader);
        }
    }
}

// --- Asking ----------------------------------------------------------------------------------

std::optional<PollFailed> OffsetFetcher::validate(ConsumerTurn& turn,
                                                  ConsumerPositions& positions,
                                                  ConsumerNetwork& network) {
    if (validation_failure_)
        return std::exchange(validation_failure_, std::nullopt);
    look_at_metadata(positions, network.metadata());
    std::map<NodeId, Validation> by_node;
    for (const auto& [tp, position] : positions) {
        if (position.state() == ConsumerPosition::State::AwaitValidation &&
            position.value()->leader.leader && position.may_try(turn.now)) {
            by_node[*position.value()->leader.leader].emplace(tp, *position.value());
        }
    }
    for (const auto& [node, validation] : by_node) {
        if (!network.knows_versions(node)) {
            network.try_connect(turn, node);
            if (network.cluster().node(node) == nullptr)
                network.metadata().request_update();
            continue;
        }
        for (const auto& [tp, asked] : validation)
            positions.at(tp).retry_at(turn.now + settings_.request_timeout_ms);
        send_validation(turn, node, validation, network);
    }
    return std::nullopt;
}

void OffsetFetcher::send_validation(ConsumerTurn& turn,
                                    NodeId node,
                                    const Validation& validation,
                                    ConsumerNetwork& network) {
    wire::OffsetForLeaderEpochRequest request;
    request.replica_id = kConsumer;
    for (const auto& [tp, position] : validation) {
        if (request.topics.empty() || request.topics.back().topic != tp.topic)
            request.topics.emplace_back().topic = tp.topic;
        auto& partition = request.topics.back().partitions.emplace_back();
        partition.partition = tp.partition.value();
        partition.current_leader_epoch = position.leader.epoch->value();
        partition.leader_epoch = position.offset_epoch->value();
    }
    constexpr std::int16_t kFirstForConsumers = 3;
    requests_[network.enqueue(turn.now, {node, std::move(request), kFirstForConsumers})] =
        validation;
}

std::optional<PollFailed> OffsetFetcher::reset(ConsumerTurn& turn,
                                               ConsumerPositions& positions,
                                               ConsumerNetwork& network) {
    if (lookup_failure_)
        return std::exchange(lookup_failure_, std::nullopt);
    std::map<NodeId, Lookup> by_node;
    for (const auto& [tp, position] : positions) {
        if (position.state() != ConsumerPosition::State::AwaitReset ||
            !position.may_try(turn.now)) {
            continue;
        }
        const LeaderAndEpoch leader = network.cluster().current_leader(tp);
        if (!leader.leader) {
            network.metadata().request_update_afresh();
        } else if (!network.unavailable(turn.now, *leader.leader)) {
            by_node[*leader.leader].insert(tp);
        }
    }
    for (const auto& [node, lookup] : by_node) {
        for (const TopicPartition& tp : lookup)
            positions.at(tp).retry_at(turn.now + settings_.request_timeout_ms);
        send_lookup(turn, node, lookup, network);
    }
    return std::nullopt;
}

void OffsetFetcher::send_lookup(ConsumerTurn& turn,
                                NodeId node,
                                const Lookup& lookup,
                                ConsumerNetwork& network) {
    wire::ListOffsetsRequest request;
    request.replica_id = kConsumer;
    request.isolation_level = static_cast<std::int8_t>(settings_.isolation_level);
    for (const TopicPartition& tp : lookup) {
        if (request.topics.empty() || request.topics.back().name != tp.topic)
            request.topics.emplace_back().name = tp.topic;
        auto& partition = request.topics.back().partitions.emplace_back();
        partition.partition_index = tp.partition.value();
        partition.timestamp =
            settings_.auto_offset_reset == OffsetReset::Earliest ? kEarliest : kLatest;
        const LeaderAndEpoch leader = network.cluster().current_leader(tp);
        if (settings_.truncation_check && leader.epoch)
            partition.current_leader_epoch = leader.epoch->value();
    }
    constexpr std::int16_t kFirstWithIsolationLevel = 2;
    requests_[network.enqueue(turn.now, {node, std::move(request), kFirstWithIsolationLevel})] =
        lookup;
}

// --- Answers ---------------------------------------------------------------------------------

bool OffsetFetcher::handle(ConsumerTurn& turn,
                           const RequestOutcome& outcome,
                           ConsumerPositions& positions,
                           ConsumerNetwork& network) {
    const auto request = requests_.extract(outcome.id);
    if (request.empty())
        return false;
    const Answer answer{turn, positions, network};
    if (const auto* lookup = std::get_if<Lookup>(&request.mapped())) {
        handle_lookup(answer, *lookup, outcome);
    } else {
        handle_validation(answer, std::get<Validation>(request.mapped()), outcome);
    }
    return true;
}

template <class Asked>
void OffsetFetcher::retry(const Answer& answer, const Asked& partitions) const {
    if (partitions.empty())
        return;
    for (const auto& entry : partitions) {
        const auto found = answer.positions.find(partition_of(entry));
        if (found != answer.positions.end())
            found->second.retry_at(answer.turn.now + settings_.retry_backoff_ms);
    }
    answer.network.metadata().request_update();
}

void OffsetFetcher::handle_lookup(const Answer& answer,
                                  const Lookup& asked,
                                  const RequestOutcome& outcome) {
    if (outcome.outcome != ClientResponse::Outcome::Answered) {
        retry(answer, asked);
        if (outcome.outcome == ClientResponse::Outcome::VersionUnsupported)
            lookup_failure_ = PollFailed{PollFailure::Refused, ErrorCode::UnsupportedVersion, {}};
        return;
    }
    const auto& body = std::get<wire::ListOffsetsResponse>(outcome.response->body);
    Lookup again;
    for (const auto& topic : body.topics) {
        for (const auto& told : topic.partitions) {
            const TopicPartition tp{topic.name, PartitionIndex(told.partition_index)};
            const ErrorCode error = wire::error_code(told.error_code);
            if (error == ErrorCode::None) {
                found(answer, tp, told);
            } else if (error == ErrorCode::TopicAuthorizationFailed) {
                lookup_failure_ =
                    PollFailed{PollFailure::Refused, error, {{tp, std::nullopt, std::nullopt}}};
                again.insert(tp);
            } else if (error != ErrorCode::UnsupportedForMessageFormat) {
                again.insert(tp);
            }
        }
    }
    retry(answer, again);
}

void OffsetFetcher::found(const Answer& answer,
                          const TopicPartition& tp,
                          const wire::ListOffsetsResponse::ListOffsetsPartitionResponse& told) {
    if (told.offset < 0)
        return;
    // The epoch is left out on purpose: what begins here needs no validation.
    const FetchPosition position{Offset(told.offset), std::nullopt,
                                 answer.network.cluster().current_leader(tp)};
    if (told.leader_epoch >= 0)
        answer.network.metadata().note_epoch(tp, LeaderEpoch(told.leader_epoch));
    const auto held = answer.positions.find(tp);
    if (held == answer.positions.end() ||
        held->second.state() != ConsumerPosition::State::AwaitReset) {
        return;
    }
    ConsumerPosition& state = held->second;
    const ConsumerPosition::Reset reset = state.reset_to(position);
    answer.turn.out.emplace_back(PositionReset{tp, reset.from, position.offset, reset.why});
}

void OffsetFetcher::handle_validation(const Answer& answer,
                                      const Validation& asked,
                                      const RequestOutcome& outcome) {
    if (outcome.outcome != ClientResponse::Outcome::Answered) {
        retry(answer, asked);
        if (outcome.outcome == ClientResponse::Outcome::VersionUnsupported) {
            validation_failure_ =
                PollFailed{PollFailure::Refused, ErrorCode::UnsupportedVersion, {}};
        }
        return;
    }
    const auto& body = std::get<wire::OffsetForLeaderEpochResponse>(outcome.response->body);
    Validation again = asked;
    PollFailed truncated{PollFailure::LogTruncation, ErrorCode::None, {}};
    for (const auto& topic : body.topics) {
        for (const auto& told : topic.partitions) {
            const TopicPartition tp{topic.topic, PartitionIndex(told.partition)};
            const auto position = asked.find(tp);
            const ErrorCode error = wire::error_code(told.error_code);
            if (position == asked.end())
                continue;
            if (error == ErrorCode::TopicAuthorizationFailed) {
                validation_failure_ =
                    PollFailed{PollFailure::Refused, error, {{tp, std::nullopt, std::nullopt}}};
            }
            if (error != ErrorCode::None)
                continue;
            again.erase(tp);
            const auto problem = complete_validation(answer, tp, position->second, told);
            if (problem)
                truncated.partitions.push_back(*problem);
        }
    }
    retry(answer, again);
    if (!truncated.partitions.empty() && !validation_failure_)
        validation_failure_ = std::move(truncated);
}

std::optional<PollFailed::Partition> OffsetFetcher::complete_validation(
    const Answer& answer,
    const TopicPartition& tp,
    const FetchPosition& asked,
    const wire::OffsetForLeaderEpochResponse::EpochEndOffset& told) const {
    const auto held = answer.positions.find(tp);
    if (held == answer.positions.end())
        return std::nullopt;
    ConsumerPosition& state = held->second;
    // It was asked about another position than the present one.
    if (state.state() != ConsumerPosition::State::AwaitValidation || *state.value() != asked)
        return std::nullopt;
    const bool has_policy = settings_.auto_offset_reset != OffsetReset::None;
    if (told.end_offset < 0 || told.leader_epoch < 0) {
        if (!has_policy)
            return PollFailed::Partition{tp, asked.offset, std::nullopt};
        state.request_reset(ResetReason::NoEpoch);
        return std::nullopt;
    }
    const Offset end(told.end_offset);
    if (end >= asked.offset) {
        state.validated();
        return std::nullopt;
    }
    if (!has_policy)
        return PollFailed::Partition{tp, asked.offset, end};
    state.seek_validated({end, LeaderEpoch(told.leader_epoch), asked.leader});
    answer.turn.out.emplace_back(PositionReset{tp, asked.offset, end, ResetReason::Truncated});
    return std::nullopt;
}

}  // namespace bsim::client
