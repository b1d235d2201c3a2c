// Which faults a seed gets.
#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "sim/sweep/dice.h"
#include "sim/sweep/swarm_parts.h"

namespace bsim {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kFaultsMost = 10;
constexpr std::int32_t kPartitionsStruck = 6;  // of a topic: the first ones
// Longer than the longest session that is drawn, and what a restart takes after it.
constexpr std::int64_t kAloneMs = 17'000;
constexpr std::int64_t kPowerOffMs = 4000;
// Faults at points of the protocol start this long after another one at the latest. One may bring
// about the next.
constexpr std::int64_t kFreshS = 3;
constexpr int kPointsMost = 2;

// Draws one fault after another; all but the crash that loses power know nothing of each other.
class FaultDraw {
  public:
    FaultDraw(const Scenario& base, Dice dice) : base_(base), dice_(std::move(dice)) {}

    void use(Dice dice) { dice_ = std::move(dice); }

    bool has_groups() const {
        return std::any_of(base_.consumers.begin(), base_.consumers.end(),
                           [](const ConsumerSpec& consumer) { return consumer.group.has_value(); });
    }
    bool has_clients() const { return !base_.producers.empty() || !base_.consumers.empty(); }
    bool has_topics() const { return !base_.topics.empty(); }
    bool has_producers() const { return !base_.producers.empty(); }
    bool has_keys() const { return keyed().has_value(); }

    Json crash();
    Json crash_at_point();
    Json pause_at_point();
    Json pause() { return {{"target", someone()}, {"for", dice_.ms(200, 20'000)}}; }
    Json gc_pause() {
        return {{"target", node()}, {"for", dice_.ms(50, 3000)}, {"every", "4s"}, {"times", 3}};
    }
    // One statement a draw: in which order a compiler evaluates arguments is its own affair.
    Json partition() {
        Json out = way();
        out["how"] = dice_.pick({"drop", "reject", "jam"});
        return out;
    }
    Json net_slow() {
        Json out = way();
        out["latency"] = dice_.ms(5, 800);
        return out;
    }
    Json net_rate() {
        Json out = way();
        out["rate"] = dice_.pick({0.01, 0.05, 0.2});
        return out;
    }
    Json net_bandwidth() {
        Json out = way();
        out["rate"] = dice_.pick({"200kbit/s", "5Mbit/s"});
        return out;
    }
    Json net_reset() { return cut(); }
    Json net_flap() {
        const std::string one = broker();
        std::string other = dice_.pick({"random(brokers, 1)", "controllers"});
        if (one == other)
            other = "controllers";
        return {
            {"between", {one, other}}, {"for", dice_.ms(100, 2000)}, {"every", "3s"}, {"times", 4}};
    }
    Json message() {
        return {{"api", api()},
                {"of", dice_.pick({"request", "response", "both"})},
                {"count", dice_.between(1, 30)},
                {"for", lasting()}};
    }
    Json message_delay() {
        Json out = message();
        out["latency"] = dice_.ms(10, 3000);
        return out;
    }
    // One answer to a producer is never lost while later ones arrive, as no TCP does that: when it
    // times out the broker has forgotten its sequence number, so the producer begins a new epoch
    // and writes once more what stands in the log, as Kafka's would.
    Json message_drop() {
        Json out = message();
        if (out["api"] == "Produce")
            out["of"] = "request";
        return out;
    }
    Json response_drop() {
        return {{"api", api()}, {"count", dice_.between(1, 10)}, {"for", lasting()}};
    }
    // Answers that a client or a follower must survive, without the request having been served.
    Json api_error() {
        const bool group = has_groups() && dice_.once_in(2);
        Json out = group ? Json{{"api", dice_.pick({"JoinGroup", "SyncGroup", "Heartbeat",
                                                    "OffsetCommit", "OffsetFetch"})}}
                         : Json{{"api", dice_.pick({"Fetch", "Produce"})}};
        out["error"] = group ? "NOT_COORDINATOR" : "NOT_LEADER_OR_FOLLOWER";
        out["count"] = dice_.between(1, 20);
        out["for"] = lasting();
        return out;
    }
    // Two, one after the other, each when all is in sync again.
    Json rolling_restart() {
        return {{"target", "random(brokers, 2)"},
                {"mode", "graceful"},
                {"restart_after", dice_.ms(100, 2000)}};
    }
    Json on_node() { return {{"target", node()}, {"for", lasting()}}; }
    Json cpu_slow() {
        Json out = on_node();
        out["factor"] = dice_.pick({2, 10, 50});
        return out;
    }
    Json disk_slow() {
        Json out = on_node();
        out["latency"] = dice_.ms(1, 200);
        return out;
    }
    Json clock() {
        Json out = on_node();
        out["by"] = dice_.pick({"-2s", "400ms", "30s"});
        return out;
    }
    Json clock_drift() {
        Json out = on_node();
        out["by"] = dice_.pick({"-500ppm", "2000ppm"});
        return out;
    }
    Json elect_preferred() { return {{"topic", dice_.pick(base_.topics).name}}; }
    Json partitions_add();
    Json config_change();
    Json topic_create();
    Json member_churn();
    Json consumer_slow() {
        return {{"target", member()}, {"for", lasting()}, {"latency", dice_.ms(10, 4000)}};
    }
    Json traffic_burst() {
        return {{"target", producer()}, {"for", lasting()}, {"factor", dice_.pick({2, 5})}};
    }
    Json hot_key() { return {{"target", *keyed()}, {"for", lasting()}}; }

  private:
    std::string lasting() { return dice_.ms(200, 20'000); }

    std::string partition_name() {
        const TopicSpec& topic = dice_.pick(base_.topics);
        return fmt::format("{}-{}", topic.name,
                           dice_.between(0, std::min(topic.partitions, kPartitionsStruck) - 1));
    }
    std::string group() {
        std::vector<std::string> groups;
        for (const ConsumerSpec& consumer : base_.consumers) {
            if (consumer.group)
                groups.push_back(*consumer.group);
        }
        return dice_.pick(groups);
    }
    std::string member() { return fmt::format("random(group:{}, 1)", group()); }
    std::string producer() { return "producer:" + dice_.pick(base_.producers).name; }
    std::optional<std::string> keyed() const {
        for (const ProducerSpec& spec : base_.producers) {
            if (spec.key)
                return "producer:" + spec.name;
        }
        return std::nullopt;
    }
    std::string broker();
    std::string node();
    std::string someone();
    std::string without_power();
    Json point();
    Json cut();
    Json way() {
        Json out = cut();
        out["for"] = lasting();
        return out;
    }
    std::string api();

    const Scenario& base_;
    Dice dice_;
    bool may_lose_power_ = true;
    int points_drawn_ = 0;
};

std::string FaultDraw::broker() {
    const std::int64_t way = dice_.between(0, has_groups() ? 5 : 4);
    if (way == 5)
        return fmt::format("coordinator(group:{})", group());
    if (way >= 3 || !has_topics())
        return "random(brokers, 1)";
    if (way == 2) {
        std::vector<std::int32_t> ids;
        for (const NodeSpec& spec : base_.brokers) {
            if (!spec.joins_by_fault)
                ids.push_back(spec.id.value());
        }
        return fmt::format("broker:{}", dice_.pick(ids));
    }
    return fmt::format("leader({})", partition_name());
}

std::string FaultDraw::node() {
    const std::int64_t way = dice_.between(0, 6);
    if (way == 0)
        return "controller";
    if (way == 1)
        return "random(controllers, 1)";
    if (way == 2 && has_topics()) {
        const TopicSpec& topic = dice_.pick(base_.topics);
        if (topic.replication > 1)
            return fmt::format("follower({}-0, 1)", topic.name);
    }
    return broker();
}

// A node or, now and then, a client.
std::string FaultDraw::someone() {
    if (has_groups() && dice_.once_in(3))
        return member();
    if (has_producers() && dice_.once_in(10))
        return producer();
    return node();
}

// Where a loss of power may strike: a broker, or a voter that does not lead. A KRaft leader counts
// what it has not flushed yet, as Kafka's does: if it loses that, a committed record may be gone.
std::string FaultDraw::without_power() {
    const auto combined = std::any_of(base_.brokers.begin(), base_.brokers.end(),
                                      [](const NodeSpec& spec) { return spec.combined; });
    const std::string voter = "random(not controller, 1)";
    const std::string other = combined ? voter : broker();
    const bool quorum = base_.controllers.size() >= 3;
    if (combined && !quorum)
        return "";
    return quorum && dice_.once_in(3) ? voter : other;
}

Json FaultDraw::crash() {
    std::string target = someone();
    const std::string lossy = without_power();
    std::string mode = dice_.pick({"kill", "kill", "graceful", "graceful", "power"});
    if (mode == "power" && (lossy.empty() || !may_lose_power_))
        mode = "kill";
    if (mode == "power") {
        target = lossy;
        may_lose_power_ = false;
    }
    const std::int64_t most = mode == "power" ? kPowerOffMs : 20'000;
    return {{"target", target}, {"mode", mode}, {"restart_after", dice_.ms(100, most)}};
}

// A node in the middle of something, while another fault is fresh. Of a node that plays both parts
// the points are a broker's.
Json FaultDraw::point() {
    const auto when = [](const std::string& event) {
        return fmt::format("count(FaultStarted, {}s) > 0 and event({})", kFreshS, event);
    };
    if (has_groups() && dice_.once_in(3)) {
        const std::string name = group();
        const std::string moment = dice_.pick({"RebalanceStarted", "RebalanceCompleted"});
        return {{"when", when(fmt::format("{}, group='{}'", moment, name))},
                {"target", fmt::format("random(group:{}, 1)", name)}};
    }
    const bool votes = !base_.controllers.empty() && dice_.once_in(2);
    const NodeSpec& spec = dice_.pick(votes ? base_.controllers : base_.brokers);
    const std::string_view part = votes && !spec.combined ? "controller" : "broker";
    const std::string moment =
        votes ? dice_.pick({"RaftVote, granted=true", "RaftRole, role=candidate",
                            "RaftRole, role=leader", "PartitionChanged"})
              : dice_.pick({"BecameLeader", "BecameFollower", "LogTruncated", "IsrProposed",
                            "IsrExpanded", "LogRecovered", "RebalanceCompleted"});
    return {{"when", when(fmt::format("{}, n={}-{}", moment, part, spec.id.value()))},
            {"target", fmt::format("{}:{}", part, spec.id.value())}};
}

// What a process had told before it was killed must not be forgotten.
Json FaultDraw::crash_at_point() {
    if (points_drawn_++ >= kPointsMost)
        return crash();
    Json out = point();
    out["mode"] = "kill";
    out["restart_after"] = dice_.ms(1, 5000);
    return out;
}

Json FaultDraw::pause_at_point() {
    if (points_drawn_++ >= kPointsMost)
        return pause();
    Json out = point();
    out["for"] = dice_.ms(100, 5000);
    return out;
}

Json FaultDraw::cut() {
    std::vector<std::string> sides{"controllers", "random(brokers, 1)", "controller"};
    if (has_clients())
        sides.emplace_back("clients");
    if (has_topics()) {
        sides.push_back(fmt::format("leader({})", partition_name()));
        sides.push_back(fmt::format("isr({})", partition_name()));
    }
    if (has_groups())
        sides.push_back(member());
    const std::string one = dice_.take(sides);
    const std::string other = dice_.take(sides);
    switch (dice_.between(0, 2)) {
        case 0:
            return {{"target", node()}};
        case 1:
            return {{"between", {one, other}}};
        default:
            return {{"from", one}, {"to", other}};
    }
}

std::string FaultDraw::api() {
    if (has_groups() && dice_.once_in(2)) {
        return dice_.pick({"JoinGroup", "SyncGroup", "Heartbeat", "OffsetCommit", "OffsetFetch",
                           "LeaveGroup", "FindCoordinator"});
    }
    return dice_.pick({"Fetch", "Produce", "AlterPartition", "BrokerHeartbeat", "Vote",
                       "BeginQuorumEpoch", "OffsetForLeaderEpoch", "InitProducerId"});
}

Json FaultDraw::partitions_add() {
    const TopicSpec& topic = dice_.pick(base_.topics);
    return {{"topic", topic.name}, {"partitions", topic.partitions + dice_.between(1, 2)}};
}

Json FaultDraw::config_change() {
    return {{"topic", dice_.pick(base_.topics).name},
            {"config", {{"index.interval.bytes", dice_.pick({0, 8192})}}}};
}

Json FaultDraw::topic_create() {
    const auto brokers = std::count_if(base_.brokers.begin(), base_.brokers.end(),
                                       [](const NodeSpec& spec) { return !spec.joins_by_fault; });
    return {{"topic", fmt::format("swarm-{}", dice_.between(0, 999'999))},
            {"partitions", dice_.between(1, 3)},
            {"replication", std::min<std::int64_t>(3, brokers)}};
}

Json FaultDraw::member_churn() {
    return {{"target", fmt::format("group:{}", group())},
            {"every", dice_.ms(500, 6000)},
            {"times", dice_.between(1, 4)},
            {"mode", dice_.pick({"kill", "graceful"})},
            {"restart_after", dice_.ms(1, 5000)}};
}

struct Kind {
    std::string_view name;
    Json (FaultDraw::*parameters)();
    int weight = 1;
    bool (FaultDraw::*possible)() const = nullptr;  // always
};

using F = FaultDraw;
constexpr std::array kKinds = {
    Kind{"crash", &F::crash, 6},
    Kind{"crash", &F::crash_at_point, 3},
    Kind{"partition", &F::partition, 4},
    Kind{"pause", &F::pause, 3},
    Kind{"pause", &F::pause_at_point, 2},
    Kind{"gc-pause", &F::gc_pause},
    Kind{"net-slow", &F::net_slow},
    Kind{"net-loss", &F::net_rate},
    Kind{"net-duplicate", &F::net_rate},
    Kind{"net-reorder", &F::net_rate},
    Kind{"net-corrupt", &F::net_rate},
    Kind{"net-bandwidth", &F::net_bandwidth},
    Kind{"net-reset", &F::net_reset},
    Kind{"net-flap", &F::net_flap},
    Kind{"message-hold", &F::message},
    Kind{"message-drop", &F::message_drop},
    Kind{"message-delay", &F::message_delay},
    Kind{"response-drop", &F::response_drop},
    Kind{"api-error", &F::api_error},
    Kind{"rolling-restart", &F::rolling_restart, 1, &F::has_topics},
    Kind{"cpu-slow", &F::cpu_slow},
    Kind{"disk-slow", &F::disk_slow},
    Kind{"disk-stall", &F::on_node},
    Kind{"clock-skew", &F::clock},
    Kind{"clock-jump", &F::clock},
    Kind{"clock-drift", &F::clock_drift},
    Kind{"clock-freeze", &F::on_node},
    Kind{"elect-preferred", &F::elect_preferred, 1, &F::has_topics},
    Kind{"partitions-add", &F::partitions_add, 1, &F::has_topics},
    Kind{"config-change", &F::config_change, 1, &F::has_topics},
    Kind{"topic-create", &F::topic_create},
    Kind{"member-churn", &F::member_churn, 3, &F::has_groups},
    Kind{"consumer-slow", &F::consumer_slow, 2, &F::has_groups},
    Kind{"traffic-burst", &F::traffic_burst, 1, &F::has_producers},
    Kind{"hot-key", &F::hot_key, 1, &F::has_keys},
};

// The kinds that this seed may have: each is struck out once in two. Rare combinations come up
// that way, which a mix of everything drowns.
std::vector<const Kind*> draw_kinds(const FaultDraw& draw, Dice& dice) {
    std::vector<const Kind*> weighted;
    for (const Kind& kind : kKinds) {
        const bool allowed = !dice.once_in(2);
        if (!allowed || (kind.possible != nullptr && !(draw.*kind.possible)()))
            continue;
        weighted.insert(weighted.end(), static_cast<std::size_t>(kind.weight), &kind);
    }
    if (weighted.empty())
        weighted.push_back(kKinds.data());
    return weighted;
}

bool loses_power(const Json& fault) {
    return fault.value("mode", "") == "power";
}

// What loses power does so first, while all replicas are in sync, and alone, until it is back: the
// last in-sync replica loses what the others still hold, and one that registers again before it was
// fenced (a new controller knows of no sessions) stays in the ISR without its records. Kafka 3.9
// does nothing against either (KIP-966).
void let_power_loss_be_alone(std::vector<std::pair<std::int64_t, Json>>& faults,
                             std::int64_t last_ms) {
    const auto lossy = std::find_if(faults.begin(), faults.end(),
                                    [](const auto& fault) { return loses_power(fault.second); });
    if (lossy == faults.end())
        return;
    std::swap(lossy->second, faults.front().second);
    for (auto& [at, fault] : faults)
        fault.erase("when");
    faults.front().first = kFirstFaultMs;
    constexpr std::int64_t kOthers = kFirstFaultMs + kAloneMs;
    for (auto other = faults.begin() + 1; other != faults.end(); ++other) {
        other->first = kOthers + (other->first - kFirstFaultMs) * (last_ms - kOthers) /
                                     (last_ms - kFirstFaultMs);
    }
}

}  // namespace

std::vector<Json> draw_faults(const Scenario& base, const Rng& rng, const SwarmTimes& times) {
    Dice dice(rng.stream("swarm/faults"));
    FaultDraw draw(base, Dice(rng.stream("swarm/fault")));
    const std::vector<const Kind*> kinds = draw_kinds(draw, dice);
    const std::int64_t last_ms = times.last_fault_s * 1000;
    std::vector<std::pair<std::int64_t, Json>> faults;
    const std::int64_t count = dice.between(1, kFaultsMost);
    for (std::int64_t i = 0; i < count; ++i) {
        draw.use(Dice(rng.stream(fmt::format("swarm/fault/{}", i))));
        const Kind& kind = *dice.pick(kinds);
        // Every third comes close after another one: that is when it hurts.
        std::int64_t at = dice.between(kFirstFaultMs, last_ms);
        if (!faults.empty() && dice.once_in(3))
            at = std::min(last_ms, faults.back().first + dice.between(0, 1500));
        Json fault{{"fault", kind.name}};
        fault.update((draw.*kind.parameters)());
        faults.emplace_back(at, std::move(fault));
    }
    std::stable_sort(faults.begin(), faults.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    let_power_loss_be_alone(faults, last_ms);
    std::vector<Json> out;
    for (auto& [at, fault] : faults) {
        Json& timed = out.emplace_back(Json{{"fault", fault["fault"]}});
        if (!fault.contains("when"))
            timed["at"] = fmt::format("{}ms", at);
        timed.update(fault);
    }
    return out;
}

}  // namespace bsim
