// Which settings a seed gets.
#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

#include <nlohmann/json.hpp>

#include "sim/sweep/dice.h"
#include "sim/sweep/swarm_parts.h"

namespace bsim {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kSegmentSmall = 16'384;
constexpr std::int64_t kSegmentMiddle = 131'072;

// An object within an object, made if it is not there.
Json& inner(Json& object, std::string_view name) {
    Json& found = object[std::string(name)];
    if (!found.is_object())
        found = Json::object();
    return found;
}

class KnobDraw {
  public:
    KnobDraw(const Scenario& base, const Rng& rng, Json& scenario)
        : base_(base), rng_(rng), scenario_(scenario) {}

    void cluster();
    void links();
    void topics();
    void producers();
    void consumers();
    std::vector<std::string> take_told() { return std::move(told_); }

  private:
    Dice dice(std::string_view name) const {
        return Dice(rng_.stream(fmt::format("swarm/knob/{}", name)));
    }
    bool given_by_cluster(const std::string& name) const;
    void set(Json& config, std::string_view where, const std::string& name, const Json& value) {
        config[name] = value;
        told_.push_back(fmt::format("{}{}={}", where, name, value.dump()));
    }
    // Once in three, one of the values, unless the scenario gives one.
    void maybe(const std::string& name, std::initializer_list<Json> values);
    bool lossy() const { return lossy_; }
    void producer(const ProducerSpec& spec);
    void consumer(const ConsumerSpec& spec);

    const Scenario& base_;
    const Rng& rng_;
    Json& scenario_;
    bool lossy_ = false;
    std::vector<std::string> told_;
};

bool KnobDraw::given_by_cluster(const std::string& name) const {
    const auto has = [&](const NodeSpec& node) { return node.settings.contains(name); };
    return std::any_of(base_.brokers.begin(), base_.brokers.end(), has) ||
           std::any_of(base_.controllers.begin(), base_.controllers.end(), has);
}

void KnobDraw::maybe(const std::string& name, std::initializer_list<Json> values) {
    Dice draw = dice(name);
    const bool wanted = draw.once_in(3);
    const Json value = draw.pick(values);
    if (wanted && !given_by_cluster(name))
        set(inner(inner(inner(scenario_, "cluster"), "defaults"), "config"), "", name, value);
}

void KnobDraw::cluster() {
    // A TCP segment that is lost three times in a row is over a second late. Where the scenario's
    // own links lose many, six times in a row are not rare.
    if (!loses_many(base_.network)) {
        if (lossy()) {
            maybe("replica.lag.time.max.ms", {10'000, 20'000});
        } else {
            maybe("replica.lag.time.max.ms", {1000, 3000, 10'000});
        }
    }
    if (!given_by_cluster("broker.heartbeat.interval.ms"))
        maybe("broker.session.timeout.ms", {6000, 9000, 12'000});
    if (!given_by_cluster("broker.session.timeout.ms"))
        maybe("broker.heartbeat.interval.ms", {500, 1000});
    // Or else a broker that starts again within its old session gives up before it may register,
    // and stays away.
    if (given_by_cluster("broker.session.timeout.ms") &&
        !given_by_cluster("initial.broker.registration.timeout.ms")) {
        set(inner(inner(inner(scenario_, "cluster"), "defaults"), "config"), "",
            "initial.broker.registration.timeout.ms", 600'000);
    }
    std::int64_t widest = 0;
    bool batches_given = false;
    for (const ProducerSpec& spec : base_.producers) {
        widest = std::max<std::int64_t>(widest, spec.value_bytes);
        batches_given = batches_given || spec.settings.contains("batch.size");
    }
    // No batch may be larger than a segment.
    if (!batches_given && widest < kSegmentSmall / 2) {
        maybe("log.segment.bytes", {2 * kSegmentSmall, kSegmentMiddle});
    }
    maybe("num.replica.fetchers", {2, 3});
    maybe("metadata.log.max.record.bytes.between.snapshots", {1000, 4000});
    maybe("log.index.interval.bytes", {0, 512});
    maybe("replica.fetch.max.bytes", {4096, 65'536});
    maybe("replica.fetch.wait.max.ms", {50, 200});
    maybe("controller.quorum.election.timeout.ms", {500, 2000});
    maybe("controller.quorum.fetch.timeout.ms", {1000, 4000});
    maybe("offsets.topic.num.partitions", {1, 3});
    maybe("group.initial.rebalance.delay.ms", {0, 500});
    maybe("leader.imbalance.check.interval.seconds", {5, 20});
    maybe("num.io.threads", {1, 2});
    maybe("queued.max.requests", {2, 10});
    Dice disks = dice("log_dirs");
    const bool several = disks.once_in(5);
    const std::int64_t dirs = disks.between(2, 3);
    const bool given =
        std::any_of(base_.brokers.begin(), base_.brokers.end(), [](const NodeSpec& node) {
            return node.hardware.disk.log_dirs != 1 || node.settings.contains("log.dirs");
        });
    if (several && !given) {
        Json& defaults = inner(inner(scenario_, "cluster"), "defaults");
        set(inner(defaults, "disk"), "disk.", "log_dirs", dirs);
    }
}

void KnobDraw::links() {
    Json& link = inner(inner(scenario_, "network"), "default");
    Dice draw = dice("links");
    lossy_ = draw.once_in(3);
    for (const char* trouble : {"loss", "duplicate", "reorder", "corrupt"}) {
        const Json rate = draw.pick<Json>({0, 0.001, 0.01});
        if (lossy_ && !link.contains(trouble) && rate != 0)
            set(link, "link.", trouble, rate);
    }
    const bool narrow = draw.once_in(4);
    if (narrow && !link.contains("bandwidth"))
        set(link, "link.", "bandwidth", "100Mbit/s");
}

// Without a minimum of two, one machine may lose what was acknowledged, and hide a bug behind that.
void KnobDraw::topics() {
    for (const TopicSpec& topic : base_.topics) {
        Dice draw = dice("topic/" + topic.name);
        const bool wanted = !draw.once_in(3);
        if (wanted && topic.replication >= 3 && !topic.settings.contains("min.insync.replicas") &&
            !given_by_cluster("min.insync.replicas"))
            set(inner(scenario_["topics"][topic.name], "config"), topic.name + " ",
                "min.insync.replicas", 2);
    }
}

void KnobDraw::producer(const ProducerSpec& spec) {
    Json& config = inner(scenario_["producers"][spec.name], "config");
    const std::string where = "producer:" + spec.name + " ";
    Dice draw = dice("producer/" + spec.name);
    const auto maybe_set = [&](const std::string& name, std::initializer_list<Json> values,
                               std::uint64_t once) {
        const bool wanted = draw.once_in(once);
        const Json value = draw.pick(values);
        if (wanted && !spec.settings.contains(name))
            set(config, where, name, value);
    };
    const auto& given = spec.settings;
    maybe_set("batch.size", {1, 1000}, 4);
    // If a broker refuses a producer's first batch and takes its second, the first is sent in vain
    // until it expires (KAFKA-14359). That must be over before the healed cluster is watched.
    if (!given.contains("delivery.timeout.ms") && !given.contains("request.timeout.ms") &&
        !given.contains("linger.ms"))
        set(config, where, "delivery.timeout.ms", 35'000);
    if (given.contains("enable.idempotence") || given.contains("acks"))
        return;
    const bool lax = draw.once_in(10);
    const bool plain = draw.once_in(8);
    if (lax || plain)
        set(config, where, "enable.idempotence", false);
    if (lax)
        set(config, where, "acks", "1");
    if (!given.contains("delivery.timeout.ms") && !given.contains("linger.ms"))
        maybe_set("request.timeout.ms", {3000, 10'000}, 4);
    if (!given.contains("delivery.timeout.ms"))
        maybe_set("linger.ms", {5, 20}, 3);
    maybe_set("max.in.flight.requests.per.connection", {1, 2}, 4);
}

void KnobDraw::producers() {
    for (const ProducerSpec& spec : base_.producers)
        producer(spec);
}

void KnobDraw::consumer(const ConsumerSpec& spec) {
    Json& config = inner(scenario_["consumers"][spec.name], "config");
    const std::string where = "consumer:" + spec.name + " ";
    Dice draw = dice("consumer/" + spec.name);
    const auto given = [&](const std::string& name) {
        return std::any_of(spec.members.begin(), spec.members.end(), [&](const MemberSpec& member) {
            return member.settings.contains(name);
        });
    };
    const std::int64_t session = draw.pick({6000, 10'000});
    const std::int64_t poll = draw.pick({10'000, 30'000});
    const std::int64_t records = draw.pick({1, 20, 500});
    const std::string assignor = draw.pick(
        {"RangeAssignor", "RoundRobinAssignor", "StickyAssignor", "CooperativeStickyAssignor"});
    const bool other_assignor = draw.once_in(2);
    const std::int64_t commit_ms = draw.pick({500, 2000});
    if (!given("auto.offset.reset"))
        set(config, where, "auto.offset.reset", "earliest");
    if (!spec.group)
        return;
    // The default of 45 s would make the liveness phase as long.
    if (!given("session.timeout.ms") && !given("heartbeat.interval.ms")) {
        set(config, where, "session.timeout.ms", session);
        set(config, where, "heartbeat.interval.ms", session / 5);
    }
    const std::int64_t work_ms = longest_process(spec).ms();
    if (!given("max.poll.interval.ms") && !given("max.poll.records")) {
        set(config, where, "max.poll.interval.ms", poll);
        const std::int64_t most = std::max<std::int64_t>(1, poll / 4 / (work_ms + 1));
        set(config, where, "max.poll.records", std::min(records, most));
    }
    if (other_assignor && !given("partition.assignment.strategy")) {
        set(config, where, "partition.assignment.strategy",
            "org.apache.kafka.clients.consumer." + assignor);
    }
    if (spec.commit == CommitPolicy::Auto && !given("auto.commit.interval.ms"))
        set(config, where, "auto.commit.interval.ms", commit_ms);
}

void KnobDraw::consumers() {
    for (const ConsumerSpec& spec : base_.consumers)
        consumer(spec);
}

}  // namespace

std::vector<std::string> draw_knobs(const Scenario& base, const Rng& rng, Json& scenario) {
    KnobDraw draw(base, rng, scenario);
    draw.links();
    draw.cluster();
    draw.topics();
    draw.producers();
    draw.consumers();
    return draw.take_told();
}

}  // namespace bsim
