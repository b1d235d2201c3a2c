#include "tests/unit/protocol/client_consumer_world.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/base/stable_hash.h"
#include "tests/unit/protocol/client_world.h"

namespace bsim::client_test {

namespace {

std::vector<TopicPartition> all_partitions(int count) {
    std::vector<TopicPartition> all;
    for (int p = 0; p < count; ++p)
        all.push_back({kTopic, PartitionIndex(p)});
    return all;
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
