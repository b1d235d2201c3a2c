#include "sim/sweep/swarm.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <nlohmann/json.hpp>

#include "sim/scenario/broker_sessions.h"
#include "sim/sweep/dice.h"
#include "sim/sweep/swarm_parts.h"
#include "sim/world/nearly_longest.h"

namespace bsim {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t kToRecoverS = 50;  // a cluster without groups
constexpr std::int64_t kToSettleS = 20;   // more, for groups
constexpr std::int64_t kServingS = 12;    // the cluster is watched while it serves
constexpr std::int64_t kToCatchUpS = 30;  // groups, when nothing more is written
constexpr std::int64_t kSessionUsualMs = 10'000;
constexpr std::int64_t kBrokerSessionUsualMs = 9000;
constexpr std::int64_t kNsPerS = 1'000'000'000;

bool has_groups(const Scenario& base) {
    return std::any_of(base.consumers.begin(), base.consumers.end(),
                       [](const ConsumerSpec& spec) { return spec.group.has_value(); });
}

// What the explicit settings of the cluster may add to the time that it needs: a broker that died
// leads until its session is over, and cannot register anew before.
std::int64_t longer_sessions_s(const Scenario& base) {
    const std::int64_t longest = longest_broker_session(base).ms();
    return std::max<std::int64_t>(0, longest - kBrokerSessionUsualMs) / 1000;
}

// What the explicit settings of a member may add to the time that its group needs.
std::int64_t longest_session_ms(const Scenario& base) {
    std::int64_t longest = 0;
    for (const ConsumerSpec& spec : base.consumers) {
        for (const MemberSpec& member : spec.members) {
            const ConsumerConfig config = resolve_consumer_config(member.settings);
            if (spec.group && member.settings.contains("session.timeout.ms"))
                longest = std::max(longest, config.session_timeout.ms());
        }
    }
    return longest;
}

SimTime latest_start(const Scenario& base) {
    SimTime latest;
    for (const NodeSpec& node : base.brokers)
        latest = std::max(latest, node.start);
    for (const NodeSpec& node : base.controllers)
        latest = std::max(latest, node.start);
    for (const ProducerSpec& spec : base.producers)
        latest = std::max(latest, spec.start);
    for (const ConsumerSpec& spec : base.consumers) {
        for (const MemberSpec& member : spec.members)
            latest = std::max(latest, member.start);
    }
    return latest;
}

std::int64_t per_second(const ProducerSpec& spec) {
    if (!spec.rate)
        return kRateMost;
    const std::int64_t ns = spec.rate->due(1).ns();
    return ns == 0 ? kRateMost : std::min(kRateMost, kNsPerS / ns);
}

// Can the group's slowest member alone keep up with what is written, and work through all that one
// poll may bring before it must poll again?
bool can_keep_up(const Scenario& base, const ConsumerSpec& spec) {
    for (const MemberSpec& member : spec.members) {
        const ConsumerConfig config = resolve_consumer_config(member.settings);
        if (longest_process(spec) * config.max_poll_records >= config.max_poll_interval)
            return false;
    }
    std::int64_t rate = 0;
    for (const std::string& topic : spec.topics)
        rate += written_per_second(base, topic);
    return longest_process(spec).ns() * rate * 2 <= kNsPerS;
}

// One line about a fault: kind, who, and the rest as it stands there.
std::string told(const Json& fault) {
    std::string out = fault["fault"].get<std::string>();
    for (const auto& [key, value] : fault.items()) {
        if (key != "fault")
            out += fmt::format(" {}={}", key,
                               value.is_string() ? value.get<std::string>() : value.dump());
    }
    return out;
}

void limit_producers(const Scenario& base, const SwarmTimes& times, SwarmDraw& out, Json& json) {
    for (const ProducerSpec& spec : base.producers) {
        Json& producer = json["producers"][spec.name];
        producer.erase("records");
        producer["stop"] = fmt::format("{}s", times.written_s);
        const bool fast = !spec.rate || kRateMost * spec.rate->due(1).ns() < kNsPerS;
        if (fast) {
            producer["rate"] = fmt::format("{}/s", kRateMost);
            out.knobs.push_back(fmt::format("producer:{} rate={}/s", spec.name, kRateMost));
        }
    }
}

}  // namespace

SimDuration longest_process(const ConsumerSpec& consumer) {
    SimDuration longest;
    for (const MemberSpec& member : consumer.members) {
        if (member.process)
            longest = std::max(longest, nearly_longest(*member.process));
    }
    return longest;
}

bool loses_many(const NetworkSpec& network) {
    const auto at_least_a_hundredth = [](Ratio rate) {
        return rate.numerator >= rate.denominator / 100 && rate.numerator > 0;
    };
    const auto bad = [&](const LossModel& loss) {
        const auto* independent = std::get_if<IndependentLoss>(&loss);
        return independent == nullptr || at_least_a_hundredth(independent->probability);
    };
    return bad(network.link.loss) || at_least_a_hundredth(network.link.corrupt) ||
           std::any_of(network.links.begin(), network.links.end(), [&](const auto& link) {
               return (link.loss && bad(*link.loss)) ||
                      (link.corrupt && at_least_a_hundredth(*link.corrupt));
           });
}

std::int64_t written_per_second(const Scenario& base, const std::string& topic) {
    std::int64_t rate = 0;
    for (const ProducerSpec& spec : base.producers) {
        if (spec.topic == topic)
            rate += per_second(spec) * spec.count;
    }
    return rate;
}

SwarmTimes draw_times(const Scenario& base, const Rng& rng) {
    Dice dice(rng.stream("swarm/times"));
    SwarmTimes times;
    times.last_fault_s = dice.pick({28, 35, 55});
    const bool groups = has_groups(base);
    const std::int64_t sessions =
        groups ? std::max<std::int64_t>(0, longest_session_ms(base) - kSessionUsualMs) / 1000 : 0;
    const std::int64_t healed =
        std::max(times.last_fault_s + kFaultLongestS, latest_start(base).ns() / kNsPerS + 1);
    times.recovered_s =
        healed + kToRecoverS + (groups ? kToSettleS : 0) + sessions + longer_sessions_s(base);
    times.written_s = times.recovered_s + kServingS;
    times.end_s = times.written_s + (groups ? kToCatchUpS + 2 : 3);
    return times;
}

Json swarm_expectations(const Scenario& base, const SwarmTimes& times) {
    const auto from = [&](std::int64_t s) { return fmt::format("{}s", s); };
    Json expect = Json::array();
    expect.push_back({{"id", "alive"}, {"check", "liveness"}});
    expect.push_back(
        {{"id", "replicated"}, {"always", "urp() == 0"}, {"from", from(times.recovered_s)}});
    // A connection that loses six segments in a row is silent for twelve seconds, and how many do
    // so at the same time nobody knows.
    if (loses_many(base.network))
        return expect;
    std::int64_t rate = 0;
    for (const TopicSpec& topic : base.topics)
        rate += written_per_second(base, topic.name);
    if (rate > 0) {
        expect.push_back({{"id", "written"},
                          {"always", "count(ProduceAcked, 5s) > 0"},
                          {"from", from(times.recovered_s)},
                          {"to", from(times.written_s)}});
    }
    std::size_t number = 0;
    for (const ConsumerSpec& spec : base.consumers) {
        ++number;
        if (!spec.group || !can_keep_up(base, spec))
            continue;
        expect.push_back(
            {{"id", fmt::format("settled-{}", number)},
             {"never", fmt::format("event(RebalanceStarted, group='{}')", *spec.group)},
             {"from", from(times.recovered_s)}});
        if (spec.commit == CommitPolicy::None)
            continue;
        expect.push_back(
            {{"id", fmt::format("caught-up-{}", number)},
             {"eventually",
              fmt::format("metric(kafka_consumergroup_lag, consumergroup='{}') == 0", *spec.group)},
             {"from", from(times.written_s)},
             {"within", from(kToCatchUpS)}});
    }
    return expect;
}

struct Swarm::Parsed {
    Json json;
};

Swarm::Swarm(const Scenario& base, std::string_view text)
    : base_(base), parsed_(std::make_unique<Parsed>(Parsed{Json::parse(text, nullptr, false)})) {
    BSIM_CHECK(parsed_->json.is_object());
}

Swarm::~Swarm() = default;
Swarm::Swarm(Swarm&&) noexcept = default;

SwarmDraw Swarm::draw(std::uint64_t seed) const {
    const Rng rng(seed, 0);
    const SwarmTimes times = draw_times(base_, rng);
    SwarmDraw out;
    Json json = parsed_->json;
    json["seed"] = seed;
    json["duration"] = fmt::format("{}s", times.end_s);
    limit_producers(base_, times, out, json);
    for (std::string& knob : draw_knobs(base_, rng, json))
        out.knobs.push_back(std::move(knob));
    json["faults"] = Json::array();
    for (const Json& fault : draw_faults(base_, rng, times)) {
        out.faults.push_back(told(fault));
        ++out.kinds[fault["fault"].get<std::string>()];
        json["faults"].push_back(fault);
    }
    json["expect"] = swarm_expectations(base_, times);
    out.text = json.dump(1) + '\n';
    return out;
}

}  // namespace bsim
