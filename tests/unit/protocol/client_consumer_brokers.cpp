// The brokers of the consumer's world: logs, fetch sessions, answers.
#include <algorithm>

#include "tests/unit/protocol/client_consumer_world.h"
#include "tests/unit/protocol/client_world.h"

namespace bsim::client_test {

using wire::ErrorCode;

namespace {

const Uuid kTopicId{1, 1};

std::int16_t code(ErrorCode error) {
    return static_cast<std::int16_t>(error);
}

}  // namespace

// --- Logs ------------------------------------------------------------------------------------

void ConsumerWorld::append(int partition,
                           int records,
                           const wire::BatchOptions& how,
                           std::size_t bytes) {
    FakeLog& log = logs.at(partition);
    wire::BatchOptions options = how;
    options.base_offset = log.end();
    options.leader_epoch = log.epoch;
    wire::BatchBuilder builder(options);
    for (int i = 0; i < records; ++i) {
        std::string value = std::to_string(next_value_++);
        value.resize(std::max(value.size(), bytes), '.');
        const std::vector<std::uint8_t> marker = {0, 0, 0, 0};  // version 0, abort
        builder.append(0, how.control ? std::optional<ByteView>(marker) : std::nullopt,
                       as_bytes(value), {});
    }
    log.batches.push_back(
        {options.base_offset, options.base_offset + records - 1, log.epoch, builder.build()});
    wake_fetches();
}

void ConsumerWorld::set_leader(int partition,
                               std::optional<std::int32_t> leader,
                               std::int64_t cut_to) {
    FakeLog& log = logs.at(partition);
    log.leader = leader;
    ++log.epoch;
    std::erase_if(log.batches, [&](const LogBatch& batch) { return batch.last >= cut_to; });
    wake_fetches();
}

void ConsumerWorld::spoil(int partition) {
    logs.at(partition).batches.back().bytes.back() ^= 1U;
}

// --- Brokers ---------------------------------------------------------------------------------

wire::ResponseBody ConsumerWorld::handle(std::int32_t broker, const wire::RequestBody& body) {
    if (const auto* asked = std::get_if<wire::MetadataRequest>(&body))
        return metadata(*asked);
    if (const auto* list = std::get_if<wire::ListOffsetsRequest>(&body))
        return list_offsets(broker, *list);
    if (const auto* ends = std::get_if<wire::OffsetForLeaderEpochRequest>(&body))
        return end_offsets(broker, *ends);
    return api_versions();
}

wire::ApiVersionsResponse ConsumerWorld::api_versions() const {
    wire::ApiVersionsResponse response;
    const auto speaks = [&](wire::ApiKey api, std::int16_t max) {
        response.api_keys.push_back({static_cast<std::int16_t>(api), 0, max});
    };
    speaks(wire::ApiKey::Fetch, wire::FetchRequest::kMaxVersion);
    speaks(wire::ApiKey::ListOffsets, wire::ListOffsetsRequest::kMaxVersion);
    speaks(wire::ApiKey::Metadata, wire::MetadataRequest::kMaxVersion);
    speaks(wire::ApiKey::OffsetForLeaderEpoch, wire::OffsetForLeaderEpochRequest::kMaxVersion);
    speaks(wire::ApiKey::ApiVersions, wire::ApiVersionsRequest::kMaxVersion);
    return response;
}

wire::MetadataResponse ConsumerWorld::metadata(const wire::MetadataRequest& request) {
    wire::MetadataResponse response;
    for (int b = 1; b <= shape_.brokers; ++b) {
        if (!down.contains(b) || !metadata_is_fresh) {
            const Endpoint endpoint = World::endpoint_of(b);
            response.brokers.push_back({b, endpoint.host, endpoint.port, std::nullopt});
        }
    }
    for (const auto& asked : *request.topics) {
        auto& topic = response.topics.emplace_back();
        topic.name = asked.name;
        if (!topic_exists) {
            topic.error_code = code(ErrorCode::UnknownTopicOrPartition);
            continue;
        }
        topic.topic_id = kTopicId;
        for (const auto& [index, log] : logs) {
            if (metadata_is_fresh)
                shown_[index] = {log.leader, log.epoch};
            const auto& [leader, epoch] = shown_.at(index);
            auto& partition = topic.partitions.emplace_back();
            partition.partition_index = index;
            partition.leader_id = leader.value_or(-1);
            partition.leader_epoch = epoch;
            if (!leader)
                partition.error_code = code(ErrorCode::LeaderNotAvailable);
        }
    }
    return response;
}

ErrorCode ConsumerWorld::check(std::int32_t broker, int partition, std::int32_t current_epoch) {
    FakeLog& log = logs.at(partition);
    if (log.leader != broker)
        return ErrorCode::NotLeaderOrFollower;
    if (!log.injected.empty()) {
        const ErrorCode error = log.injected.front();
        log.injected.pop_front();
        return error;
    }
    if (current_epoch < 0 || current_epoch == log.epoch)
        return ErrorCode::None;
    return current_epoch < log.epoch ? ErrorCode::FencedLeaderEpoch : ErrorCode::UnknownLeaderEpoch;
}

wire::ListOffsetsResponse ConsumerWorld::list_offsets(std::int32_t broker,
                                                      const wire::ListOffsetsRequest& request) {
    wire::ListOffsetsResponse response;
    for (const auto& topic : request.topics) {
        auto& told = response.topics.emplace_back();
        told.name = topic.name;
        for (const auto& ask : topic.partitions) {
            const FakeLog& log = logs.at(ask.partition_index);
            auto& out = told.partitions.emplace_back();
            out.partition_index = ask.partition_index;
            const ErrorCode error = check(broker, ask.partition_index, ask.current_leader_epoch);
            out.error_code = code(error);
            if (error != ErrorCode::None)
                continue;
            out.offset = ask.timestamp == -1 ? log.end() : log.start;
            out.leader_epoch = log.epoch;
        }
    }
    return response;
}

wire::OffsetForLeaderEpochResponse ConsumerWorld::end_offsets(
    std::int32_t broker, const wire::OffsetForLeaderEpochRequest& request) {
    wire::OffsetForLeaderEpochResponse response;
    for (const auto& topic : request.topics) {
        auto& told = response.topics.emplace_back();
        told.topic = topic.topic;
        for (const auto& ask : topic.partitions) {
            const FakeLog& log = logs.at(ask.partition);
            auto& out = told.partitions.emplace_back();
            out.partition = ask.partition;
            const ErrorCode error = check(broker, ask.partition, ask.current_leader_epoch);
            out.error_code = code(error);
            for (const LogBatch& batch : log.batches) {
                if (error != ErrorCode::None || batch.epoch > ask.leader_epoch)
                    break;
                out.leader_epoch = batch.epoch;
                out.end_offset = batch.last + 1;
            }
        }
    }
    return response;
}

wire::FetchResponse::PartitionData ConsumerWorld::read(
    std::int32_t broker,
    const wire::FetchRequest& request,
    const wire::FetchRequest::FetchPartition& ask) {
    FakeLog& log = logs.at(ask.partition);
    wire::FetchResponse::PartitionData data;
    data.partition_index = ask.partition;
    data.records = SharedBytes{};
    data.high_watermark = -1;
    ErrorCode error = check(broker, ask.partition, ask.current_leader_epoch);
    if (error == ErrorCode::NotLeaderOrFollower && shape_.hints && log.leader)
        data.current_leader = {*log.leader, log.epoch};
    if (error == ErrorCode::None &&
        (ask.fetch_offset < log.start || ask.fetch_offset > log.end())) {
        error = ErrorCode::OffsetOutOfRange;
    }
    data.error_code = code(error);
    if (error != ErrorCode::None)
        return data;
    data.high_watermark = log.end();
    data.log_start_offset = log.start;
    std::vector<std::uint8_t> bytes;
    for (const LogBatch& batch : log.batches) {
        if (batch.last < ask.fetch_offset)
            continue;
        const std::size_t room = static_cast<std::size_t>(ask.partition_max_bytes);
        if (!bytes.empty() && bytes.size() + batch.bytes.size() > room)
            break;
        bytes.insert(bytes.end(), batch.bytes.begin(), batch.bytes.end());
    }
    data.records = SharedBytes(std::move(bytes));
    if (request.isolation_level == 1) {
        for (const auto& [first, producer_and_last] : log.aborted) {
            if (producer_and_last.second >= ask.fetch_offset)
                data.aborted_transactions->push_back({producer_and_last.first, first});
        }
    }
    return data;
}

// The session that the request speaks of, brought up to date with it; nullptr without one.
ConsumerWorld::Session* ConsumerWorld::session_of(std::int32_t broker,
                                                  const wire::FetchRequest& request,
                                                  ErrorCode& error) {
    auto& mine = sessions_[broker];
    if (request.session_epoch <= 0) {
        mine.erase(request.session_id);
        return nullptr;
    }
    const auto found = mine.find(request.session_id);
    if (found == mine.end()) {
        error = ErrorCode::FetchSessionIdNotFound;
        return nullptr;
    }
    Session& session = found->second;
    if (session.epoch != request.session_epoch) {
        error = ErrorCode::InvalidFetchSessionEpoch;
        return nullptr;
    }
    return &session;
}

// What the session holds after the request.
ConsumerWorld::WantedList ConsumerWorld::wanted_by(const wire::FetchRequest& request,
                                                   const Session* session) {
    WantedList wanted;
    if (session != nullptr)
        wanted = session->partitions;
    for (const auto& topic : request.forgotten_topics_data) {
        std::erase_if(wanted, [&](const auto& one) {
            return std::find(topic.partitions.begin(), topic.partitions.end(), one.first) !=
                   topic.partitions.end();
        });
    }
    for (const auto& topic : request.topics) {
        for (const auto& ask : topic.partitions) {
            std::erase_if(wanted, [&](const auto& one) { return one.first == ask.partition; });
            wanted.emplace_back(ask.partition, ask);
        }
    }
    return wanted;
}

std::optional<wire::FetchResponse> ConsumerWorld::fetch(std::int32_t broker,
                                                        const wire::FetchRequest& request,
                                                        bool last_chance) {
    wire::FetchResponse response;
    ErrorCode error = ErrorCode::None;
    Session* session = session_of(broker, request, error);
    response.error_code = code(error);
    if (error != ErrorCode::None)
        return response;
    WantedList wanted = wanted_by(request, session);
    std::vector<wire::FetchResponse::PartitionData> read_data;
    std::size_t bytes = 0;
    bool errors = false;
    for (const auto& [index, ask] : wanted) {
        read_data.push_back(read(broker, request, ask));
        bytes += read_data.back().records->size();
        errors = errors || read_data.back().error_code != 0;
    }
    const bool enough = bytes >= static_cast<std::size_t>(request.min_bytes);
    if (!enough && !errors && !last_chance && !wanted.empty())
        return std::nullopt;
    if (session == nullptr && shape_.sessions && request.session_epoch == 0) {
        response.session_id = next_session_++;
        session = &sessions_[broker][response.session_id];
        session->epoch = 0;
    } else if (session != nullptr) {
        response.session_id = request.session_id;
    }
    auto& topic = response.responses.emplace_back();
    topic.topic_id = kTopicId;
    for (auto& data : read_data) {
        const bool news = request.session_epoch <= 0 || data.records->size() > 0 ||
                          data.error_code != 0 ||
                          session->told_hw[data.partition_index] != data.high_watermark;
        if (session != nullptr)
            session->told_hw[data.partition_index] = data.high_watermark;
        if (news)
            topic.partitions.push_back(std::move(data));
    }
    if (session != nullptr) {
        ++session->epoch;
        session->partitions = std::move(wanted);
    }
    if (shape_.hints) {
        for (int b = 1; b <= shape_.brokers; ++b) {
            const Endpoint endpoint = World::endpoint_of(b);
            response.node_endpoints.push_back({b, endpoint.host, endpoint.port, std::nullopt});
        }
    }
    return response;
}

}  // namespace bsim::client_test
