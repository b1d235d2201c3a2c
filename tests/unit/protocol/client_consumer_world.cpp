#include "tests/unit/protocol/client_consumer_world.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/base/stable_hash.h"
#include "tests/unit/protocol/client_world.h"

namespace bsim::client_test {

using wire::ErrorCode;

namespace {

const Uuid kTopicId{1, 1};

std::vector<TopicPartition> all_partitions(int count) {
    std::vector<TopicPartition> all;
    for (int p = 0; p < count; ++p)
        all.push_back({kTopic, PartitionIndex(p)});
    return all;
}

std::int16_t code(ErrorCode error) {
    return static_cast<std::int16_t>(error);
}

ConsumerSettings with_servers(ConsumerSettings settings, int brokers) {
    for (int b = 1; b <= brokers; ++b)
        settings.bootstrap_servers.push_back(World::endpoint_of(b));
    return settings;
}

}  // namespace

ConsumerWorld::ConsumerWorld(ConsumerSettings settings, const Shape& shape)
    : topic_exists(shape.topic_exists),
      shape_(shape),
      consumer_(with_servers(std::move(settings), shape.brokers), all_partitions(shape.partitions)),
      random_(shape.seed) {
    for (int p = 0; p < shape.partitions; ++p) {
        logs[p].leader = 1 + p % shape.brokers;
        shown_[p] = {logs[p].leader, 0};
    }
}

void ConsumerWorld::at(SimTime when, Action action) {
    queue_.emplace(std::pair(when, next_event_++), std::move(action));
}

void ConsumerWorld::note(const std::string& what) {
    if (record_lines)
        lines.push_back(show(now) + " " + what);
}

// --- The application -------------------------------------------------------------------------

void ConsumerWorld::start() {
    step(Started{});
    step(PollCalled{shape_.poll_timeout});
}

void ConsumerWorld::seek(int partition, std::int64_t offset) {
    step(SeekCalled{{kTopic, PartitionIndex(partition)}, Offset(offset)});
}

void ConsumerWorld::step(const ConsumerInput& in) {
    ConsumerEffects effects;
    random_ = mix64(random_);
    consumer_.step(now, random_, in, effects);
    for (const ConsumerEffect& effect : effects)
        carry_out(effect);
}

void ConsumerWorld::poll_after(SimDuration work) {
    at(now + work, [this] {
        if (!stopping_)
            step(PollCalled{shape_.poll_timeout});
    });
}

void ConsumerWorld::run_for(SimDuration span) {
    const SimTime end = now + span;
    while (true) {
        const bool event_first =
            !queue_.empty() && (!timer_ || queue_.begin()->first.first <= *timer_);
        if (event_first && queue_.begin()->first.first <= end) {
            now = queue_.begin()->first.first;
            const Action action = std::move(queue_.begin()->second);
            queue_.erase(queue_.begin());
            action();
        } else if (!event_first && timer_ && *timer_ <= end) {
            now = std::max(now, *timer_);
            timer_.reset();
            step(TimerFired{});
        } else {
            break;
        }
    }
    now = end;
}

void ConsumerWorld::carry_out(const ConsumerEffect& effect) {
    if (const auto* wanted = std::get_if<Connect>(&effect)) {
        connect(*wanted);
    } else if (const auto* timer = std::get_if<ArmTimer>(&effect)) {
        timer_ = timer->at;
    } else if (const auto* closing = std::get_if<Close>(&effect)) {
        note(fmt::format("close {}", links_.at(closing->connection).node.value()));
        links_.at(closing->connection).open = false;
    } else if (const auto* sending = std::get_if<SendRequest>(&effect)) {
        note_request(*sending);
        send(*sending);
    } else if (const auto* ready = std::get_if<RecordsReady>(&effect)) {
        take_records(*ready);
        poll_after(shape_.work);
    } else if (std::holds_alternative<PollTimedOut>(effect)) {
        poll_after(SimDuration(0));
    } else if (const auto* failed = std::get_if<PollFailed>(&effect)) {
        failures.push_back(*failed);
        std::string what = fmt::format("poll throws {}", failure_name(*failed));
        for (const auto& one : failed->partitions) {
            what += fmt::format(" {}", one.partition.to_string());
            if (one.position)
                what += fmt::format("@{}", one.position->value());
            if (one.divergence)
                what += fmt::format(" diverging at {}", one.divergence->value());
        }
        note(what);
    } else if (const auto* reset = std::get_if<PositionReset>(&effect)) {
        resets.push_back(*reset);
        note(fmt::format("position {} {} -> {} {}", reset->partition.to_string(),
                         reset->from ? std::to_string(reset->from->value()) : "-",
                         reset->to.value(), name(reset->why)));
    } else if (std::holds_alternative<Closed>(effect)) {
        note("closed");
        stopping_ = true;
        timer_.reset();
    }
}

void ConsumerWorld::take_records(const RecordsReady& ready) {
    for (const PartitionRecords& part : ready.partitions) {
        std::string what = "records " + part.partition.to_string();
        for (const ConsumedRecord& record : part.records) {
            const ByteView value = record.value ? ByteView(*record.value) : ByteView();
            handed[part.partition.partition.value()].emplace_back(record.offset.value(),
                                                                  as_text(value));
        }
        if (!part.records.empty()) {
            what += fmt::format(" {}..{} e{}", part.records.front().offset.value(),
                                part.records.back().offset.value(), part.first_epoch->value());
            if (part.last_epoch != part.first_epoch)
                what += fmt::format("..e{}", part.last_epoch->value());
        }
        for (const SkippedOffsets& skipped : part.skipped) {
            what += fmt::format(" {} {}..{}",
                                skipped.why == SkipReason::Control ? "control" : "aborted",
                                skipped.from.value(), skipped.to.value() - 1);
        }
        note(what + fmt::format(" then {}", part.position.value()));
    }
}

// --- Network ---------------------------------------------------------------------------------

void ConsumerWorld::connect(const Connect& effect) {
    note(fmt::format("connect {} {}", effect.node.value(), effect.endpoint.host));
    Link link;
    link.node = effect.node;
    for (int b = 1; b <= shape_.brokers; ++b) {
        if (World::endpoint_of(b) == effect.endpoint)
            link.broker = b;
    }
    links_[effect.connection] = link;
    if (vanished.contains(link.broker))
        return;
    at(now + shape_.delay + shape_.delay, [this, connection = effect.connection] {
        Link& over = links_.at(connection);
        over.open = !down.contains(over.broker);
        if (over.open) {
            step(ConnectionOpened{connection});
        } else {
            step(ConnectionFailed{connection});
        }
    });
}

void ConsumerWorld::send(const SendRequest& effect) {
    Link& link = links_.at(effect.connection);
    link.last_arrival = std::max(link.last_arrival, now + shape_.delay);
    at(link.last_arrival, [this, connection = effect.connection, request = effect.request] {
        const Link& over = links_.at(connection);
        if (over.open && !vanished.contains(over.broker))
            arrive(connection, request);
    });
}

void ConsumerWorld::arrive(ConnectionId connection, const wire::Request& request) {
    Link& link = links_.at(connection);
    if (link.busy) {
        link.waiting.push_back(request);
    } else {
        link.busy = true;
        take_up(connection, request);
    }
}

void ConsumerWorld::take_up(ConnectionId connection, const wire::Request& request) {
    const std::int32_t broker = links_.at(connection).broker;
    const auto* asked = std::get_if<wire::FetchRequest>(&request.body);
    if (asked == nullptr)
        return answer(connection, request, handle(broker, request.body));
    if (auto response = fetch(broker, *asked, false))
        return answer(connection, request, std::move(*response));
    parked_.push_back({connection, request, now + milliseconds(asked->max_wait_ms)});
    at(parked_.back().deadline, [this] { wake_fetches(); });
}

void ConsumerWorld::wake_fetches() {
    std::vector<Parked> still;
    for (Parked& parked : std::exchange(parked_, {})) {
        const Link& link = links_.at(parked.connection);
        if (!link.open)
            continue;
        auto response = fetch(link.broker, std::get<wire::FetchRequest>(parked.request.body),
                              parked.deadline <= now);
        if (response) {
            answer(parked.connection, parked.request, std::move(*response));
        } else {
            still.push_back(std::move(parked));
        }
    }
    for (Parked& parked : still)
        parked_.push_back(std::move(parked));
}

void ConsumerWorld::answer(ConnectionId connection,
                           const wire::Request& request,
                           wire::ResponseBody body) {
    Link& link = links_.at(connection);
    link.last_delivery = std::max(link.last_delivery, now + shape_.delay);
    wire::Response response{request.version, request.correlation_id, std::move(body)};
    at(link.last_delivery, [this, connection, response = std::move(response)] {
        if (links_.at(connection).open)
            step(ResponseArrived{connection, response});
    });
    if (link.waiting.empty()) {
        link.busy = false;
        return;
    }
    const wire::Request next = std::move(link.waiting.front());
    link.waiting.pop_front();
    take_up(connection, next);
}

void ConsumerWorld::cut(std::int32_t broker) {
    for (auto& [connection, link] : links_) {
        if (!link.open || link.broker != broker)
            continue;
        link.open = false;
        at(now + shape_.delay, [this, id = connection] { step(ConnectionClosed{id}); });
    }
}

void ConsumerWorld::kill(std::int32_t broker) {
    down.insert(broker);
    forget_sessions(broker);
    cut(broker);
}

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

std::optional<wire::FetchResponse> ConsumerWorld::fetch(std::int32_t broker,
                                                        const wire::FetchRequest& request,
                                                        bool last_chance) {
    wire::FetchResponse response;
    ErrorCode error = ErrorCode::None;
    Session* session = session_of(broker, request, error);
    response.error_code = code(error);
    if (error != ErrorCode::None)
        return response;
    std::vector<std::pair<std::int32_t, wire::FetchRequest::FetchPartition>> wanted;
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

// --- What is written down --------------------------------------------------------------------

void ConsumerWorld::note_request(const SendRequest& effect) {
    std::string what = fmt::format("send {}", effect.node.value());
    if (const auto* fetching = std::get_if<wire::FetchRequest>(&effect.request.body)) {
        ++fetches;
        what += fmt::format(" Fetch s={}/{}", fetching->session_id, fetching->session_epoch);
        for (const auto& topic : fetching->topics) {
            for (const auto& ask : topic.partitions) {
                what += fmt::format(" t-{}@{}", ask.partition, ask.fetch_offset);
                if (ask.current_leader_epoch >= 0)
                    what += fmt::format("[e{}]", ask.current_leader_epoch);
            }
        }
        for (const auto& topic : fetching->forgotten_topics_data) {
            for (const std::int32_t index : topic.partitions)
                what += fmt::format(" forget t-{}", index);
        }
    } else if (const auto* list = std::get_if<wire::ListOffsetsRequest>(&effect.request.body)) {
        what += " ListOffsets";
        for (const auto& topic : list->topics) {
            for (const auto& ask : topic.partitions) {
                what += fmt::format(" t-{}{}", ask.partition_index,
                                    ask.timestamp == -1 ? " latest" : " earliest");
            }
        }
    } else if (const auto* ends =
                   std::get_if<wire::OffsetForLeaderEpochRequest>(&effect.request.body)) {
        what += " OffsetForLeaderEpoch";
        for (const auto& topic : ends->topics) {
            for (const auto& ask : topic.partitions) {
                what += fmt::format(" t-{} e{}[e{}]", ask.partition, ask.leader_epoch,
                                    ask.current_leader_epoch);
            }
        }
    } else if (std::holds_alternative<wire::MetadataRequest>(effect.request.body)) {
        what += " Metadata";
    } else {
        what += " ApiVersions";
    }
    note(what);
}

}  // namespace bsim::client_test
