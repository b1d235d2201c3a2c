#include "tests/unit/protocol/controller_bench.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <utility>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sim/wire/message_json.h"

namespace bsim::controller {
namespace {

using Json = nlohmann::ordered_json;

std::string in_words(const Json& value, const std::string& field) {
    if (field == "errorCode" || field == "topicConfigErrorCode") {
        return std::string(wire::name(static_cast<wire::ErrorCode>(value.get<std::int16_t>())));
    }
    if (value.is_object()) {
        std::vector<std::string> parts;
        for (const auto& [name, each] : value.items()) {
            parts.push_back(fmt::format("{}={}", name, in_words(each, name)));
        }
        return fmt::format("{{{}}}", fmt::join(parts, " "));
    }
    if (value.is_array()) {
        std::vector<std::string> parts;
        for (const Json& each : value)
            parts.push_back(in_words(each, ""));
        return fmt::format("[{}]", fmt::join(parts, ","));
    }
    return value.is_string() ? value.get<std::string>() : value.dump();
}

std::string fields(Json json) {
    for (const char* dull : {"throttleTimeMs", "endPoints", "features", "isMigratingZkBroker"}) {
        json.erase(dull);
    }
    std::string out;
    for (const auto& [name, value] : json.items()) {
        out += fmt::format(" {}={}", name, in_words(value, name));
    }
    return out;
}

std::string describe_record(const wire::VersionedRecord& record) {
    const Json json = wire::metadata_record_json(record);
    return fmt::format("{} v{}{}", json.at("type").get<std::string>(), record.version,
                       fields(json.at("data")));
}

std::vector<std::int32_t> ints(const std::vector<BrokerId>& ids) {
    return to_ints(ids);
}

struct Line {
    std::vector<std::string>& lines;

    void operator()(const AppendRecords& e) const {
        std::int64_t offset = e.base_offset.value();
        for (const auto& record : e.records) {
            const bool first = offset == e.base_offset.value();
            lines.push_back(fmt::format("{} {} {}", first ? "append" : "      ", offset++,
                                        describe_record(record)));
        }
    }
    void operator()(const Reply& e) const {
        std::visit(
            [&](const auto& body) {
                lines.push_back(fmt::format("reply {}{}", e.token.value(),
                                            fields(wire::to_json(body, body.kMaxVersion))));
            },
            e.body);
    }
    void operator()(const BrokerRegistered& e) const {
        lines.push_back(
            fmt::format("broker {} registered epoch={}", e.broker.value(), e.epoch.value()));
    }
    void operator()(const BrokerFenced& e) const {
        lines.push_back(fmt::format("broker {} fenced epoch={} why={}", e.broker.value(),
                                    e.epoch.value(), name(e.why)));
    }
    void operator()(const BrokerUnfenced& e) const {
        lines.push_back(
            fmt::format("broker {} unfenced epoch={}", e.broker.value(), e.epoch.value()));
    }
    void operator()(const TopicCreated& e) const {
        lines.push_back(fmt::format("topic {} created partitions={}", e.topic, e.partitions));
    }
    void operator()(const TopicDeleted& e) const {
        lines.push_back(fmt::format("topic {} deleted partitions={}", e.topic, e.partitions));
    }
    void operator()(const PartitionChanged& e) const {
        lines.push_back(fmt::format("partition {} {} reason={}", e.tp.to_string(), describe(e.now),
                                    name(e.reason)));
    }
    void operator()(const LeaderElected& e) const {
        lines.push_back(fmt::format("elected {} from={} to={} epoch={} isr=[{}]{}",
                                    e.tp.to_string(), e.from ? e.from->value() : -1, e.to.value(),
                                    e.epoch.value(), fmt::join(ints(e.isr), ","),
                                    e.clean ? "" : " unclean"));
    }
};

}  // namespace

std::int32_t CountingDraws::next_int(std::int32_t bound) {
    if (state_ == 0)
        return 0;
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::int32_t>((state_ >> 33U) % static_cast<std::uint64_t>(bound));
}

ControllerConfig bench_config() {
    ControllerConfig config;
    config.cluster_id = "bench";
    config.max_idle_interval.reset();
    return config;
}

ControllerBench::ControllerBench(ControllerConfig config) : controller_(std::move(config)) {}

void ControllerBench::carry_out() {
    for (const ControllerEffect& effect : effects_) {
        if (const auto* append = std::get_if<AppendRecords>(&effect)) {
            EXPECT_EQ(end(), append->base_offset);
            EXPECT_FALSE(append->records.empty());
            batches_.push_back(append->base_offset);
            log_.insert(log_.end(), append->records.begin(), append->records.end());
        } else if (const auto* reply = std::get_if<Reply>(&effect)) {
            EXPECT_TRUE(replies_.emplace(reply->token, reply->body).second) << "answered twice";
        } else {
            notices_.push_back(effect);
        }
        std::visit(Line{lines_}, effect);
    }
}

void ControllerBench::activate(std::int32_t epoch) {
    effects_.clear();
    controller_.became_active(context(), LeaderEpoch(epoch), effects_);
    carry_out();
}

void ControllerBench::resign() {
    effects_.clear();
    controller_.resigned(effects_);
    carry_out();
}

void ControllerBench::cut_log_to_committed() {
    log_.resize(static_cast<std::size_t>(committed_.value()));
    std::erase_if(batches_, [&](Offset base) { return base >= committed_; });
}

RequestToken ControllerBench::request(std::int16_t version, ControllerRequest body) {
    const RequestToken token(++requests_);
    effects_.clear();
    controller_.request_arrived(context(), {token, version, std::move(body)}, effects_);
    carry_out();
    return token;
}

void ControllerBench::tick() {
    effects_.clear();
    controller_.time_passed(context(), effects_);
    carry_out();
}

void ControllerBench::wait(SimDuration span) {
    const SimTime until = now_ + span;
    int calls = 0;
    for (auto next = controller_.next_wakeup(); next && *next <= until;
         next = controller_.next_wakeup()) {
        ASSERT_LT(++calls, 100'000) << "the controller asks to be called for ever";
        now_ = std::max(now_, *next);
        tick();
    }
    now_ = until;
}

void ControllerBench::commit() {
    commit_batches(end(), false);
}

void ControllerBench::commit(Offset end) {
    commit_batches(end, false);
}

void ControllerBench::commit_inherited() {
    commit_batches(end(), true);
}

void ControllerBench::commit_batches(Offset end, bool announce) {
    for (std::size_t i = 0; i < batches_.size(); ++i) {
        const Offset base = batches_[i];
        const Offset next = i + 1 < batches_.size() ? batches_[i + 1] : this->end();
        if (base < committed_ || next > end)
            continue;
        effects_.clear();
        const std::span<const wire::VersionedRecord> all(log_);
        controller_.batch_committed({base,
                                     all.subspan(static_cast<std::size_t>(base.value()),
                                                 static_cast<std::size_t>(next - base)),
                                     announce || controller_.is_active()},
                                    effects_);
        controller_.commits_handled(next, effects_);
        committed_ = next;
        carry_out();
    }
}

void ControllerBench::follow(const ControllerBench& other, bool announce) {
    for (const Offset base : other.batches_) {
        if (base >= committed_ && base < other.committed_)
            batches_.push_back(base);
    }
    log_.assign(other.log_.begin(), other.log_.begin() + other.committed_.value());
    now_ = std::max(now_, other.now_);
    commit_batches(other.committed_, announce);
}

std::vector<std::string> ControllerBench::take_lines() {
    return std::exchange(lines_, {});
}

std::string describe(const PartitionRegistration& partition) {
    std::string out = fmt::format(
        "leader={} leader-epoch={} partition-epoch={} isr=[{}] "
        "replicas=[{}]",
        partition.leader ? partition.leader->value() : -1, partition.leader_epoch.value(),
        partition.partition_epoch.value(), fmt::join(ints(partition.isr), ","),
        fmt::join(ints(partition.replicas), ","));
    if (!partition.adding.empty()) {
        out += fmt::format(" adding=[{}]", fmt::join(ints(partition.adding), ","));
    }
    if (!partition.removing.empty()) {
        out += fmt::format(" removing=[{}]", fmt::join(ints(partition.removing), ","));
    }
    if (partition.recovery == LeaderRecoveryState::Recovering)
        out += " recovering";
    return out;
}

wire::BrokerRegistrationRequest registration(std::int32_t broker, std::uint64_t process) {
    wire::BrokerRegistrationRequest request;
    request.broker_id = broker;
    request.cluster_id = "bench";
    request.incarnation_id = Uuid{static_cast<std::uint64_t>(broker), process};
    request.rack = std::nullopt;
    request.log_dirs = {Uuid{0xd000, static_cast<std::uint64_t>(broker)}};
    auto& listener = request.listeners.emplace_back();
    listener.name = "PLAINTEXT";
    listener.host = fmt::format("broker-{}", broker);
    listener.port = 9092;
    auto& kraft = request.features.emplace_back();
    kraft.name = "kraft.version";
    kraft.max_supported_version = 1;
    auto& version = request.features.emplace_back();
    version.name = "metadata.version";
    version.min_supported_version = 1;
    version.max_supported_version = 21;
    return request;
}

wire::BrokerHeartbeatRequest beat(std::int32_t broker, std::int64_t epoch, std::int64_t read) {
    wire::BrokerHeartbeatRequest request;
    request.broker_id = broker;
    request.broker_epoch = epoch;
    request.current_metadata_offset = read;
    return request;
}

wire::CreateTopicsRequest creation(const std::string& topic,
                                   const std::vector<std::vector<std::int32_t>>& assignment) {
    wire::CreateTopicsRequest request;
    auto& asked = request.topics.emplace_back();
    asked.name = topic;
    asked.num_partitions = -1;
    asked.replication_factor = -1;
    for (const auto& replicas : assignment) {
        asked.assignments.push_back(
            {static_cast<std::int32_t>(asked.assignments.size()), replicas});
    }
    return request;
}

wire::AlterPartitionRequest proposal(const MetadataImage& image,
                                     const TopicPartition& tp,
                                     const std::vector<std::int32_t>& isr) {
    const PartitionRegistration* partition = image.partition(tp);
    wire::AlterPartitionRequest request;
    request.broker_id = partition->leader ? partition->leader->value() : -1;
    const BrokerRegistration* leader = image.broker(BrokerId(request.broker_id));
    request.broker_epoch = leader != nullptr ? leader->epoch.value() : -1;
    auto& topic = request.topics.emplace_back();
    topic.topic_id = image.topic(tp.topic)->id;
    auto& data = topic.partitions.emplace_back();
    data.partition_index = tp.partition.value();
    data.leader_epoch = partition->leader_epoch.value();
    data.partition_epoch = partition->partition_epoch.value();
    for (const std::int32_t id : isr) {
        auto& member = data.new_isr_with_epochs.emplace_back();
        member.broker_id = id;
        const BrokerRegistration* broker = image.broker(BrokerId(id));
        member.broker_epoch = broker != nullptr ? broker->epoch.value() : -1;
    }
    return request;
}

}  // namespace bsim::controller
