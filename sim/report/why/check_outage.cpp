#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <optional>

#include "sim/report/why/check_causes.h"
#include "sim/report/why/hindrance.h"

namespace bsim::why {

void permit(CheckCauses& out, std::string text, EventNumber i) {
    out.permits.push_back({Origin::Setting, std::move(text), i});
}

void strand(CheckCauses& out, std::string title, const Event* event) {
    const bool told = std::any_of(out.strands.begin(), out.strands.end(),
                                  [&](const Side& side) { return side.event == event; });
    if (event != nullptr && !told)
        out.strands.push_back({std::move(title), event});
}

namespace {

// "from 16015 ms to 60000 ms" in the finding's words: since when.
std::optional<SimTime> told_since(const std::string& detail) {
    const std::size_t at = detail.find("from ");
    std::int64_t ms = 0;
    if (at == std::string::npos)
        return std::nullopt;
    const char* const begin = detail.data() + at + 5;
    const char* const end = detail.data() + detail.size();
    const auto [stop, error] = std::from_chars(begin, end, ms);
    const bool in_ms =
        error == std::errc{} &&
        detail.compare(static_cast<std::size_t>(stop - detail.data()), 3, " ms") == 0;
    return in_ms ? std::optional(SimTime() + milliseconds(ms)) : std::nullopt;
}

// Can the partition not do better, with those of its brokers that nothing keeps from working?
bool is_excused(const Case& c, const CheckFinding& finding, const Wait& wait, const Event& found) {
    if (as<TopicDeleted>(found) != nullptr)
        return true;
    const Event* const change = change_before(c, wait.end, wait.p);
    if (change == nullptr)
        return false;
    const PartitionChanged& state = changed(*change);
    const auto able = [&](const std::vector<BrokerId>& brokers) {
        return std::count_if(brokers.begin(), brokers.end(), [&](BrokerId broker) {
            return !is_troubled(c, NodeName::broker(broker).text(), finding.t);
        });
    };
    if (!state.leader)
        return able(state.isr) == 0;
    const NamedSetting needed = topic_setting(c, finding.t, wait.p.topic, "min.insync.replicas");
    if (able(state.replicas) < number_of(needed, 1))
        return true;
    return std::any_of(wait.clients.begin(), wait.clients.end(),
                       [&](const auto& client) { return is_troubled(c, client, finding.t); });
}

// What kept the partition from serving: strands of it. False if nothing is found.
bool tell_hindrance(const Case& c,
                    const CheckFinding& finding,
                    const TopicPartition& p,
                    CheckCauses& out) {
    Wait wait;
    wait.p = p;
    wait.to = finding.t;
    wait.from =
        told_since(finding.detail)
            .value_or(finding.t.ns() > seconds(20).ns() ? finding.t - seconds(20) : SimTime());
    wait.end = EventNumber(finding.i.value() + 1);
    wait.clients = producers_of(c, p.topic);
    wait.must_find = false;
    const Because because = hindered(c, wait);
    if (because.next == nullptr) {
        if (because.origin == Origin::Setting || because.origin == Origin::Network)
            out.permits.push_back({because.origin, because.cause, {}});
        return because.origin != Origin::Unexplained;
    }
    out.is_liveness = out.is_liveness && is_excused(c, finding, wait, *because.next);
    strand(out, because.how, because.next);
    for (const Side& side : because.sides)
        strand(out, side.title, side.event);
    for (const NamedSetting& setting : because.settings) {
        strand(out, "what set " + setting.key, c.trace.find(setting.by));
        if (!setting.is_default && out.is_liveness)
            permit(out, setting.text(), {});
    }
    return true;
}

}  // namespace

// Who should have acted, and what keeps it from doing so.
void tell_outage(const Case& c,
                 const CheckFinding& finding,
                 const Mentions& mentions,
                 CheckCauses& out) {
    const EventNumber end(finding.i.value() + 1);
    bool found = false;
    for (const TopicPartition& p : mentions.partitions) {
        if (tell_hindrance(c, finding, p, out)) {
            found = true;
            continue;
        }
        const Event* const change = change_before(c, end, p);
        if (change != nullptr && !changed(*change).leader)
            strand(out, "why nobody leads " + p.to_string(), change);
    }
    for (const std::string& node : mentions.nodes) {
        const Trouble* const d = c.troubles.latest({node}, finding.t);
        if (d != nullptr && (!d->to || *d->to + seconds(10) >= finding.t)) {
            strand(out, "what befell " + node, d->event);
            found = true;
        }
    }
    for (const std::string& group : mentions.groups) {
        const Because because = not_settled(
            c, {group, finding.t, end},
            told_since(finding.detail)
                .value_or(finding.t.ns() > seconds(20).ns() ? finding.t - seconds(20) : SimTime()));
        strand(out, because.how, because.next);
        found = found || because.next != nullptr;
    }
    if (found)
        return;
    if (const Trouble* const d = c.troubles.latest(controllers(c), finding.t))
        strand(out, "what befell the controllers", d->event);
    strand(out, "the newest controller",
           c.trace.last<ControllerElected>(end, [](const auto&, const auto&) { return true; }));
}

// The member that went on behind records which nobody has read, and why it did.
void tell_unread(const Case& c,
                 const CheckFinding& finding,
                 const Mentions& mentions,
                 CheckCauses& out) {
    if (mentions.partitions.empty())
        return;
    const TopicPartition& p = mentions.partitions.front();
    // "orders-2: 484..484 (1 records)"
    std::int64_t offset = 0;
    const std::size_t at = finding.detail.find(": ");
    const char* const begin = finding.detail.data() + (at == std::string::npos ? 0 : at + 2);
    const auto parsed =
        std::from_chars(begin, finding.detail.data() + finding.detail.size(), offset);
    const Event* const reset =
        c.trace.last<PositionReset>(finding.i, [&](const Event&, const PositionReset& body) {
            return body.p == p && parsed.ec == std::errc{} && body.to.value() > offset &&
                   body.from.value() <= offset;
        });
    if (reset != nullptr) {
        strand(out, "who went on behind them", reset);
        const NamedSetting policy = c.facts.of_consumer(reset->n.text(), "auto.offset.reset");
        if (as<PositionReset>(*reset)->why != "seek" &&
            as<PositionReset>(*reset)->why != "committed")
            permit(out, policy.text() + ": a member without a committed offset begins there",
                   reset->i);
        return;
    }
    for (const auto& [node, fact] : c.facts.consumers) {
        const bool reads =
            std::find(fact.topics.begin(), fact.topics.end(), p.topic) != fact.topics.end();
        if (!reads || fact.group.empty())
            continue;
        const Because because =
            fell_behind(c, {fact.group, finding.t, EventNumber(finding.i.value() + 1)});
        strand(out, because.how, because.next);
        if (because.next == nullptr && because.origin != Origin::Unexplained)
            out.permits.push_back({because.origin, because.cause, {}});
        return;
    }
}

}  // namespace bsim::why
