#include "tests/unit/protocol/client_world.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/wire/record_reader.h"

namespace bsim::client_test {

using wire::ErrorCode;

std::string show(SimTime time) {
    const std::int64_t us = time.ns() / 1000;
    return us % 1000 == 0 ? fmt::format("{}ms", us / 1000)
                          : fmt::format("{}.{:03}ms", us / 1000, us % 1000);
}

World::World(ProducerSettings given, Shape shape)
    : settings(std::move(given)),
      producer([&] {
          settings.bootstrap_servers.clear();
          for (int b = 1; b <= shape.brokers; ++b) {
              settings.bootstrap_servers.push_back(endpoint_of(b));
          }
          return settings;
      }()),
      topic_exists(shape.topic_exists),
      shape_(shape),
      random_(shape.seed) {
    for (int p = 0; p < shape.partitions; ++p) {
        partitions[p].leader = 1 + p % shape.brokers;
        shown_leaders_[p] = {partitions[p].leader, 0};
    }
}

std::uint64_t World::draw() {
    random_ = mix64(random_);
    return random_;
}

void World::at(SimTime when, Action action) {
    queue_.emplace(std::pair(when, next_event_++), std::move(action));
}

void World::note(const std::string& what) {
    if (record_lines)
        lines.push_back(show(now) + " " + what);
}

void World::send(std::uint64_t id,
                 std::optional<std::int32_t> partition,
                 std::optional<std::string> key,
                 std::size_t value_bytes) {
    RecordReady record;
    record.id = RecordId(id);
    record.topic = kTopic;
    if (partition)
        record.partition = PartitionIndex(*partition);
    if (key)
        record.key = SharedBytes::copy_of(as_bytes(*key));
    ByteWriter value;
    value.put_i64(static_cast<std::int64_t>(id));
    while (value.size() < value_bytes)
        value.put_i8('x');
    record.value = SharedBytes(value.take());
    record.timestamp = WallMs(1'700'000'000'000 + now.ns() / 1'000'000);
    step(record);
}

void World::step(const ProducerInput& in) {
    effects_.clear();
    ProducerEffects effects = std::move(effects_);
    producer.step(now, draw(), in, effects);
    for (const ProducerEffect& effect : effects)
        carry_out(effect);
    effects_ = std::move(effects);
}

void World::run_until(SimTime end) {
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

// --- Network ---------------------------------------------------------------------------------

void World::carry_out(const ProducerEffect& effect) {
    note_outcome(effect);
    if (const auto* wanted = std::get_if<Connect>(&effect)) {
        connect(*wanted);
    } else if (const auto* timer = std::get_if<ArmTimer>(&effect)) {
        timer_ = timer->at;
    } else if (const auto* closing = std::get_if<Close>(&effect)) {
        note(fmt::format("close {}", links_.at(closing->connection).node.value()));
        links_.at(closing->connection).open = false;
    } else if (const auto* sending = std::get_if<SendRequest>(&effect)) {
        note_request(*sending);
        Link& link = links_.at(sending->connection);
        link.last_arrival = std::max(link.last_arrival, now + shape_.delay);
        at(link.last_arrival, [this, send = *sending] {
            const Link& over = links_.at(send.connection);
            if (!over.open || vanished.contains(over.broker))
                return;
            const auto act = [this, send] {
                if (forgets_broken_requests && !links_.at(send.connection).open)
                    return;
                arrive(send.connection, send.request, send.expects_response);
            };
            if (paused.contains(over.broker)) {
                held_[over.broker].push_back(act);
            } else {
                act();
            }
        });
    }
}

void World::connect(const Connect& effect) {
    note(fmt::format("connect {} {}", effect.node.value(), effect.endpoint.host));
    Link link;
    link.node = effect.node;
    for (int b = 1; b <= shape_.brokers; ++b) {
        if (endpoint_of(b) == effect.endpoint)
            link.broker = b;
    }
    links_[effect.connection] = link;
    if (vanished.contains(link.broker))
        return;
    at(now + shape_.delay + shape_.delay, [this, connection = effect.connection] {
        Link& over = links_.at(connection);
        if (down.contains(over.broker)) {
            step(ConnectionFailed{connection});
        } else {
            over.open = true;
            step(ConnectionOpened{connection});
        }
    });
}

void World::arrive(ConnectionId connection, const wire::Request& request, bool answer) {
    const Link& link = links_.at(connection);
    if (down.contains(link.broker))
        return;
    wire::Response response;
    response.version = request.version;
    response.correlation_id = request.correlation_id;
    response.body = handle(link.broker, request.body);
    if (answer)
        deliver(connection, std::move(response));
}

void World::deliver(ConnectionId connection, wire::Response response) {
    Link& link = links_.at(connection);
    link.last_delivery = std::max(link.last_delivery, now + shape_.delay);
    at(link.last_delivery, [this, connection, response = std::move(response)] {
        if (links_.at(connection).open)
            step(ResponseArrived{connection, response});
    });
}

void World::cut(std::int32_t broker) {
    for (auto& [connection, link] : links_) {
        if (!link.open || link.broker != broker)
            continue;
        link.open = false;
        at(now + shape_.delay, [this, id = connection] { step(ConnectionClosed{id}); });
    }
}

void World::kill(std::int32_t broker) {
    down.insert(broker);
    held_.erase(broker);
    paused.erase(broker);
    cut(broker);
}

void World::resume(std::int32_t broker) {
    paused.erase(broker);
    for (const Action& act : std::exchange(held_[broker], {}))
        act();
}

// --- Brokers ---------------------------------------------------------------------------------

void World::set_leader(std::int32_t partition, std::optional<std::int32_t> leader) {
    FakePartition& p = partitions.at(partition);
    p.leader = leader;
    ++p.leader_epoch;
}

void World::inject(std::int32_t partition, ErrorCode error, int times, bool after_append) {
    for (int i = 0; i < times; ++i) {
        partitions.at(partition).injected.push_back({error, after_append});
    }
}

wire::ResponseBody World::handle(std::int32_t broker, const wire::RequestBody& body) {
    if (const auto* produce = std::get_if<wire::ProduceRequest>(&body)) {
        return handle_produce(broker, *produce);
    }
    if (const auto* metadata = std::get_if<wire::MetadataRequest>(&body)) {
        return handle_metadata(*metadata);
    }
    if (std::holds_alternative<wire::InitProducerIdRequest>(body)) {
        wire::InitProducerIdResponse response;
        response.producer_id = next_producer_id_++;
        return response;
    }
    wire::ApiVersionsResponse response;
    const auto speaks = [&](wire::ApiKey api, std::int16_t max) {
        response.api_keys.push_back({static_cast<std::int16_t>(api), 0, max});
    };
    speaks(wire::ApiKey::Produce, wire::ProduceRequest::kMaxVersion);
    speaks(wire::ApiKey::Metadata, wire::MetadataRequest::kMaxVersion);
    speaks(wire::ApiKey::InitProducerId, wire::InitProducerIdRequest::kMaxVersion);
    speaks(wire::ApiKey::ApiVersions, wire::ApiVersionsRequest::kMaxVersion);
    return response;
}

wire::ResponseBody World::handle_metadata(const wire::MetadataRequest& request) {
    wire::MetadataResponse response;
    for (int b = 1; b <= shape_.brokers; ++b) {
        if (down.contains(b) && metadata_sees_leaders)
            continue;
        response.brokers.push_back({b, endpoint_of(b).host, endpoint_of(b).port, std::nullopt});
    }
    response.cluster_id = "fake";
    for (const auto& asked : *request.topics) {
        auto& topic = response.topics.emplace_back();
        topic.name = asked.name;
        if (!topic_exists || asked.name != kTopic) {
            topic.error_code = static_cast<std::int16_t>(ErrorCode::UnknownTopicOrPartition);
            continue;
        }
        topic.topic_id = Uuid{1, 1};
        for (const auto& [index, state] : partitions) {
            if (metadata_sees_leaders)
                shown_leaders_[index] = {state.leader, state.leader_epoch};
            const auto& [leader, epoch] = shown_leaders_.at(index);
            auto& partition = topic.partitions.emplace_back();
            partition.partition_index = index;
            partition.leader_id = leader.value_or(-1);
            partition.leader_epoch = epoch;
            const bool unavailable = !leader || (down.contains(*leader) && metadata_sees_leaders);
            partition.error_code = static_cast<std::int16_t>(
                unavailable ? ErrorCode::LeaderNotAvailable : ErrorCode::None);
            if (unavailable)
                partition.leader_id = -1;
        }
    }
    return response;
}

wire::ResponseBody World::handle_produce(std::int32_t broker, const wire::ProduceRequest& request) {
    wire::ProduceResponse response;
    std::set<std::int32_t> named;
    for (const auto& topic : request.topic_data) {
        auto& told = response.responses.emplace_back();
        told.name = topic.name;
        for (const auto& data : topic.partition_data) {
            FakePartition& partition = partitions.at(data.index);
            told.partition_responses.push_back(handle_batch(broker, partition, data));
            const auto& leader = told.partition_responses.back().current_leader;
            if (leader.leader_id >= 0)
                named.insert(leader.leader_id);
        }
    }
    for (const std::int32_t id : named) {
        response.node_endpoints.push_back(
            {id, endpoint_of(id).host, endpoint_of(id).port, std::nullopt});
    }
    return response;
}

namespace {

bool knows(const FakePartition& partition, const wire::BatchHeader& header) {
    const auto entry = partition.producers.find(header.producer_id);
    if (entry == partition.producers.end() || entry->second.epoch != header.producer_epoch) {
        return false;
    }
    const auto& batches = entry->second.batches;
    return std::any_of(batches.begin(), batches.end(), [&](const FakePartition::Batch& known) {
        return known.first == header.base_sequence && known.last == header.last_sequence();
    });
}

// Checks the sequence of a batch that is not known yet, and remembers it.
ErrorCode admit(FakePartition& partition, const wire::BatchHeader& header) {
    auto& entry = partition.producers[header.producer_id];
    if (entry.epoch > header.producer_epoch)
        return ErrorCode::InvalidProducerEpoch;
    // Kafka takes any sequence from a producer that it does not know, so that the second batch may
    // overtake the first if that was refused. Here it is refused, too, which leaves the producer
    // alone to blame for the order.
    const bool same_epoch = entry.epoch == header.producer_epoch;
    const std::int32_t expected = same_epoch ? entry.batches.back().last + 1 : 0;
    if (header.base_sequence != expected)
        return ErrorCode::OutOfOrderSequenceNumber;
    if (!same_epoch)
        entry.batches.clear();
    entry.epoch = header.producer_epoch;
    entry.batches.push_back({header.base_sequence, header.last_sequence(),
                             static_cast<std::int64_t>(partition.log.size())});
    if (entry.batches.size() > 5)
        entry.batches.pop_front();
    return ErrorCode::None;
}

}  // namespace

wire::ProduceResponse::PartitionProduceResponse World::handle_batch(
    std::int32_t broker,
    FakePartition& partition,
    const wire::ProduceRequest::PartitionProduceData& data) {
    wire::ProduceResponse::PartitionProduceResponse answer;
    answer.index = data.index;
    answer.base_offset = -1;
    const auto refuse = [&](ErrorCode error) {
        answer.error_code = static_cast<std::int16_t>(error);
        return answer;
    };
    if (partition.leader != broker) {
        if (shape_.hints && partition.leader) {
            answer.current_leader = {*partition.leader, partition.leader_epoch};
        }
        return refuse(ErrorCode::NotLeaderOrFollower);
    }
    FakePartition::Injected injected;
    if (!partition.injected.empty()) {
        injected = partition.injected.front();
        partition.injected.pop_front();
    }
    const auto batch = wire::parse_valid_batch(data.records->view());
    BSIM_CHECK(batch.ok());
    const wire::BatchHeader& header = batch->header;
    answer.log_start_offset = 0;
    if (std::exchange(partition.forgets_producers, false))
        partition.producers.clear();
    // What is refused for its content was refused before, and is in no log.
    const bool is_known = knows(partition, header);
    const bool refused = injected.error != ErrorCode::None && !injected.after_append;
    if (refused && (wire::is_retriable(injected.error) || !is_known))
        return refuse(injected.error);
    const ErrorCode afterwards =
        injected.after_append ? injected.error : partition.sick.value_or(ErrorCode::None);
    if (is_known) {
        for (const auto& known : partition.producers.at(header.producer_id).batches) {
            if (known.first == header.base_sequence)
                answer.base_offset = known.base_offset;
        }
        return refuse(afterwards);
    }
    if (header.producer_id >= 0) {
        if (const ErrorCode error = admit(partition, header); error != ErrorCode::None) {
            return refuse(error);
        }
    }
    answer.base_offset = static_cast<std::int64_t>(partition.log.size());
    const auto read = wire::for_each_record(*batch, [&](const wire::RecordView& record) {
        partition.log.push_back(
            {static_cast<std::uint64_t>(load_be<std::int64_t>(record.value->data())),
             header.producer_id, header.producer_epoch, record.sequence});
    });
    BSIM_CHECK(read.ok());
    return refuse(afterwards);
}

// --- What is written down --------------------------------------------------------------------

void World::note_request(const SendRequest& effect) {
    const auto* produce = std::get_if<wire::ProduceRequest>(&effect.request.body);
    if (produce == nullptr) {
        static const std::map<wire::ApiKey, std::string> kNames = {
            {wire::ApiKey::Metadata, "Metadata"},
            {wire::ApiKey::ApiVersions, "ApiVersions"},
            {wire::ApiKey::InitProducerId, "InitProducerId"}};
        std::string about;
        if (const auto* metadata = std::get_if<wire::MetadataRequest>(&effect.request.body)) {
            about = metadata->topics->empty() ? " (no topics)" : "";
        }
        note(fmt::format("send {} {}{}", effect.node.value(),
                         kNames.at(wire::api(effect.request.body)), about));
        return;
    }
    ++produces;
    produce_times.push_back(now);
    if (!record_lines)
        return;
    std::string what = fmt::format("send {} Produce v{} acks={}", effect.node.value(),
                                   effect.request.version, produce->acks);
    for (const auto& topic : produce->topic_data) {
        for (const auto& data : topic.partition_data) {
            const auto header = wire::parse_batch_header(data.records->view());
            what += fmt::format(" {}-{}[{}", topic.name, data.index, header->records_count);
            if (header->has_producer_id()) {
                what += fmt::format(" pid={}/{} seq={}", header->producer_id,
                                    header->producer_epoch, header->base_sequence);
            }
            what += "]";
        }
    }
    note(what);
}

void World::note_outcome(const ProducerEffect& effect) {
    const auto list = [](const std::vector<RecordId>& ids) {
        std::string text;
        for (const RecordId id : ids)
            text += (text.empty() ? "" : ",") + std::to_string(id.value());
        return text;
    };
    if (const auto* ack = std::get_if<BatchAcked>(&effect)) {
        for (const RecordId id : ack->records) {
            ++outcomes[id.value()];
            acked.insert(id.value());
        }
        ack_times.push_back(now);
        note(fmt::format("acked {} base={} epoch={} records={}", ack->partition.to_string(),
                         ack->base_offset ? std::to_string(ack->base_offset->value()) : "-",
                         ack->leader_epoch ? std::to_string(ack->leader_epoch->value()) : "-",
                         list(ack->records)));
    } else if (const auto* failed = std::get_if<BatchFailed>(&effect)) {
        for (const RecordId id : failed->records) {
            ++outcomes[id.value()];
            if (!failed->may_be_applied)
                surely_lost.insert(id.value());
        }
        note(fmt::format("failed {} {} {} records={}", failed->partition.to_string(),
                         error_name(failed->cause, failed->error),
                         failed->may_be_applied ? "maybe-applied" : "not-applied",
                         list(failed->records)));
    } else if (const auto* refused = std::get_if<RecordFailed>(&effect)) {
        ++outcomes[refused->id.value()];
        surely_lost.insert(refused->id.value());
        const std::string partition =
            refused->partition ? std::to_string(refused->partition->value()) : "?";
        note(fmt::format("refused {}-{} {} waited={}ms record={}", refused->topic, partition,
                         error_name(refused->cause, refused->error),
                         refused->latency.ns() / 1'000'000, refused->id.value()));
    } else if (const auto* blocked = std::get_if<Blocked>(&effect)) {
        note(blocked->on == BlockedOn::Memory ? "blocked memory" : "blocked metadata");
    } else if (std::holds_alternative<Unblocked>(effect)) {
        note("unblocked");
    } else if (const auto* identity = std::get_if<ProducerIdAssigned>(&effect)) {
        note(fmt::format("producer-id {}/{}", identity->id.value(), identity->epoch.value()));
    } else if (std::holds_alternative<Closed>(effect)) {
        note("closed");
    }
}

}  // namespace bsim::client_test
