#include "sim/protocol/client/consumer_fetcher.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"
#include "sim/wire/messages/fetch_request.h"

namespace bsim::client {

using wire::ErrorCode;

namespace {

// Since then partitions go by the ids of their topics.
constexpr std::int16_t kFirstWithTopicIds = 13;
constexpr std::int32_t kFinalEpoch = -1;

}  // namespace

// --- Asking ----------------------------------------------------------------------------------

bool ConsumerFetcher::buffered(const TopicPartition& tp) const {
    if (current_ && !current_->consumed() && current_->partition() == tp)
        return true;
    return std::any_of(arrived_.begin(), arrived_.end(),
                       [&](const CompletedFetch& fetch) { return fetch.partition() == tp; });
}

std::map<NodeId, ConsumerFetcher::Wanted> ConsumerFetcher::wanted(
    ConsumerTurn& turn, const ConsumerPositions& positions, ConsumerNetwork& network) const {
    std::map<NodeId, Wanted> by_node;
    for (const auto& [tp, position] : positions) {
        if (!position.is_fetchable() || buffered(tp))
            continue;
        const FetchPosition& at = *position.value();
        const TopicView* topic = network.cluster().topic(tp.topic);
        if (!at.leader.leader || topic == nullptr) {
            network.metadata().request_update();
            continue;
        }
        const NodeId node = *at.leader.leader;
        if (network.unavailable(turn.now, node)) {
            if (network.cluster().node(node) == nullptr)
                network.metadata().request_update();
            continue;
        }
        const auto session = sessions_.find(node);
        if (session != sessions_.end() && session->second.pending)
            continue;
        PartitionFetch fetch;
        fetch.fetch_offset = at.offset;
        fetch.max_bytes = settings_.max_partition_fetch_bytes;
        if (settings_.truncation_check)
            fetch.current_leader_epoch = at.leader.epoch;
        Wanted& want = by_node[node];
        want.partitions.push_back({{topic->id, tp.partition}, fetch});
        want.topics[topic->id] = tp.topic;
    }
    return by_node;
}

wire::FetchRequest ConsumerFetcher::new_request() const {
    wire::FetchRequest request;
    request.max_wait_ms = static_cast<std::int32_t>(settings_.fetch_max_wait_ms.ms());
    request.min_bytes = settings_.fetch_min_bytes;
    request.max_bytes = settings_.fetch_max_bytes;
    request.isolation_level = static_cast<std::int8_t>(settings_.isolation_level);
    return request;
}

void ConsumerFetcher::send_fetches(ConsumerTurn& turn,
                                   const ConsumerPositions& positions,
                                   ConsumerNetwork& network) {
    for (auto& [node, want] : wanted(turn, positions, network)) {
        Session& session = sessions_[node];
        wire::FetchRequest request = new_request();
        session.handler.build(want.partitions, request);
        session.topics = std::move(want.topics);
        session.pending = network.enqueue(turn.now, {node, std::move(request), kFirstWithTopicIds});
        requests_[*session.pending] = node;
    }
}

void ConsumerFetcher::close_sessions(ConsumerTurn& turn, ConsumerNetwork& network) {
    for (const auto& [node, session] : sessions_) {
        if (network.cluster().node(node) == nullptr || network.unavailable(turn.now, node))
            continue;
        wire::FetchRequest request = new_request();
        request.session_id = session.handler.session_id();
        request.session_epoch = kFinalEpoch;
        closing_.insert(network.enqueue(turn.now, {node, std::move(request), kFirstWithTopicIds}));
    }
}

// --- Answers ---------------------------------------------------------------------------------

bool ConsumerFetcher::handle(const RequestOutcome& outcome,
                             ConsumerPositions& positions,
                             ConsumerNetwork& network) {
    if (closing_.erase(outcome.id) > 0)
        return true;
    const auto request = requests_.extract(outcome.id);
    if (request.empty())
        return false;
    Session& session = sessions_.at(request.mapped());
    session.pending.reset();
    if (outcome.outcome == ClientResponse::Outcome::Answered) {
        take_answer(session, std::get<wire::FetchResponse>(outcome.response->body), positions,
                    network);
    } else {
        session.handler.request_failed();
    }
    return true;
}

void ConsumerFetcher::take_answer(Session& session,
                                  const wire::FetchResponse& response,
                                  ConsumerPositions& positions,
                                  ConsumerNetwork& network) {
    if (!session.handler.answered(response)) {
        if (wire::error_code(response.error_code) == ErrorCode::FetchSessionTopicIdError)
            network.metadata().request_update();
        return;
    }
    std::vector<LeaderHint> hints;
    for (const auto& topic : response.responses) {
        for (const auto& data : topic.partitions) {
            const PartitionIndex index(data.partition_index);
            const PartitionFetch* asked = session.handler.asked({topic.topic_id, index});
            BSIM_CHECK(asked != nullptr);
            const TopicPartition tp{session.topics.at(topic.topic_id), index};
            const ErrorCode error = wire::error_code(data.error_code);
            const auto& leader = data.current_leader;
            if ((error == ErrorCode::NotLeaderOrFollower ||
                 error == ErrorCode::FencedLeaderEpoch) &&
                leader.leader_id != -1 && leader.leader_epoch != -1) {
                hints.push_back({tp, NodeId(leader.leader_id), LeaderEpoch(leader.leader_epoch)});
            }
            arrived_.emplace_back(tp, asked->fetch_offset, data);
        }
    }
    if (!hints.empty())
        take_hints(response, hints, positions, network);
}

void ConsumerFetcher::take_hints(const wire::FetchResponse& response,
                                 const std::vector<LeaderHint>& hints,
                                 ConsumerPositions& positions,
                                 ConsumerNetwork& network) const {
    std::vector<NodeView> nodes;
    for (const auto& endpoint : response.node_endpoints) {
        nodes.push_back({NodeId(endpoint.node_id), {endpoint.host, endpoint.port}, endpoint.rack});
    }
    for (const TopicPartition& tp : network.metadata().take_hints(hints, nodes)) {
        const auto position = positions.find(tp);
        if (position == positions.end())
            continue;
        const LeaderAndEpoch leader = network.cluster().current_leader(tp);
        if (settings_.truncation_check) {
            position->second.take_leader(leader);
        } else {
            position->second.take_leader_unchecked(leader);
        }
    }
}

// --- Handing out -----------------------------------------------------------------------------

ConsumerFetcher::Collected ConsumerFetcher::collect(ConsumerPositions& positions,
                                                    MetadataUpdater& metadata) {
    Collected out;
    std::optional<PollFailed> failure;
    auto left = static_cast<std::size_t>(settings_.max_poll_records);
    while (left > 0 && !failure) {
        if (current_ && !current_->consumed()) {
            const std::size_t before = out.partitions.size();
            failure = read(left, positions, out.partitions);
            if (out.partitions.size() > before)
                left -= out.partitions.back().records.size();
            continue;
        }
        if (arrived_.empty())
            break;
        const bool admitted = admit(arrived_.front(), positions, metadata, failure);
        // An answer that cannot be used for a reason that the application must hear stays in the
        // way until it has heard, unless it holds nothing.
        if (failure && !(out.partitions.empty() && arrived_.front().empty()))
            break;
        current_.reset();
        if (admitted)
            current_ = std::move(arrived_.front());
        arrived_.pop_front();
    }
    if (out.partitions.empty())
        out.failure = std::move(failure);
    return out;
}

bool ConsumerFetcher::admit(const CompletedFetch& fetch,
                            ConsumerPositions& positions,
                            MetadataUpdater& metadata,
                            std::optional<PollFailed>& failure) const {
    const auto found = positions.find(fetch.partition());
    if (found == positions.end() || !found->second.is_fetching())
        return false;
    ConsumerPosition& position = found->second;
    if (fetch.error() != ErrorCode::None)
        return handle_error(fetch, position, metadata, failure);
    const Offset offset = position.value()->offset;
    // The answer to a request made at another position.
    if (fetch.next_offset() != offset)
        return false;
    if (fetch.is_torn()) {
        failure = PollFailed{PollFailure::CorruptRecords,
                             ErrorCode::CorruptMessage,
                             {{fetch.partition(), offset, std::nullopt}}};
        return false;
    }
    return true;
}

bool ConsumerFetcher::handle_error(const CompletedFetch& fetch,
                                   ConsumerPosition& position,
                                   MetadataUpdater& metadata,
                                   std::optional<PollFailed>& failure) const {
    const Offset offset = position.value()->offset;
    switch (fetch.error()) {
        case ErrorCode::NotLeaderOrFollower:
        case ErrorCode::ReplicaNotAvailable:
        case ErrorCode::KafkaStorageError:
        case ErrorCode::FencedLeaderEpoch:
        case ErrorCode::OffsetNotAvailable:
        case ErrorCode::UnknownTopicOrPartition:
        case ErrorCode::UnknownTopicId:
        case ErrorCode::InconsistentTopicId:
            metadata.request_update();
            return false;
        case ErrorCode::UnknownLeaderEpoch:
        case ErrorCode::UnknownServerError:
            return false;
        case ErrorCode::OffsetOutOfRange:
            if (fetch.next_offset() != offset)
                return false;
            if (settings_.auto_offset_reset != OffsetReset::None) {
                position.request_reset(ResetReason::OutOfRange);
                return false;
            }
            failure = PollFailed{PollFailure::OffsetOutOfRange,
                                 fetch.error(),
                                 {{fetch.partition(), offset, std::nullopt}}};
            return false;
        default:
            failure = PollFailed{
                PollFailure::Refused, fetch.error(), {{fetch.partition(), offset, std::nullopt}}};
            return false;
    }
}

std::optional<PollFailed> ConsumerFetcher::read(std::size_t max,
                                                ConsumerPositions& positions,
                                                std::vector<PartitionRecords>& out) {
    CompletedFetch& fetch = *current_;
    const auto found = positions.find(fetch.partition());
    const bool fits = found != positions.end() && found->second.is_fetchable() &&
                      found->second.value()->offset == fetch.next_offset();
    if (!fits) {
        fetch.drain();
        return std::nullopt;
    }
    ConsumerPosition& position = found->second;
    const Offset before = position.value()->offset;
    PartitionRecords records;
    records.partition = fetch.partition();
    const bool sound = fetch.take(max, settings_, records);
    if (records.position > before) {
        position.advance(records.position, records.last_epoch);
        out.push_back(std::move(records));
        return std::nullopt;
    }
    if (sound)
        return std::nullopt;
    return PollFailed{PollFailure::CorruptRecords,
                      ErrorCode::CorruptMessage,
                      {{fetch.partition(), before, std::nullopt}}};
}

}  // namespace bsim::client
