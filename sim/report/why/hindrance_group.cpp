#include <algorithm>
#include <fmt/format.h>
#include <iterator>

#include "sim/report/why/hindrance.h"

namespace bsim::why {
namespace {

// A group may owe its lag to what is over for so long, the nearest first.
constexpr SimDuration kLookBack[] = {seconds(1), seconds(2), seconds(5), seconds(12), seconds(30)};
constexpr int kStrong = 450;

std::set<std::string> topics_of(const Case& c, EventNumber end, const std::string& group) {
    std::set<std::string> out;
    for (const auto& [node, fact] : c.facts.consumers) {
        if (fact.group == group)
            out.insert(fact.topics.begin(), fact.topics.end());
    }
    const Event* const done = c.trace.last<RebalanceCompleted>(
        end, [&](const Event&, const RebalanceCompleted& body) { return body.group == group; });
    if (out.empty() && done != nullptr) {
        for (const auto& [client, owned] : as<RebalanceCompleted>(*done)->assignment) {
            for (const TopicPartition& p : owned)
                out.insert(p.topic);
        }
    }
    return out;
}

// Who coordinates the group, and who leads what it reads, at that moment and some time before.
std::set<std::string> servers_of(const Case& c, const Behind& behind, SimTime from) {
    std::set<std::string> out;
    const std::set<std::string> topics = topics_of(c, behind.end, behind.group);
    std::map<TopicPartition, const Event*> newest;
    const Event* first_coordinator = nullptr;
    const Event* coordinator = nullptr;
    for (const Event& event : c.trace.events()) {
        if (event.i >= behind.end)
            break;
        const auto* change = as<PartitionChanged>(event);
        if (change != nullptr && topics.contains(change->p.topic))
            newest[change->p] = &event;
        const auto* moved = as<GroupMoved>(event);
        const auto* done = as<RebalanceCompleted>(event);
        if ((moved != nullptr && moved->group == behind.group) ||
            (done != nullptr && done->group == behind.group)) {
            coordinator = &event;
            first_coordinator = event.t <= from ? &event : first_coordinator;
        }
    }
    for (const auto& [p, event] : newest) {
        const Event* const before = change_before(c, event->i, p);
        for (const Event* change : {event->t > from ? before : nullptr, event}) {
            if (change != nullptr && changed(*change).leader)
                out.insert(NodeName::broker(*changed(*change).leader).text());
        }
    }
    for (const Event* event : {first_coordinator, coordinator}) {
        if (event != nullptr)
            out.insert(event->n.text());
    }
    return out;
}

SilenceQuery query_of(const Case& c, const Behind& behind, SimDuration back) {
    SilenceQuery query;
    query.from = behind.at - back;
    query.begun_by = query.from;
    query.to = behind.at;
    query.need = Need::Consume;
    query.silent = members_of(c, behind.end, behind.group);
    query.others = servers_of(c, behind, query.from);
    for (const std::string& topic : topics_of(c, behind.end, behind.group)) {
        for (const std::string& producer : producers_of(c, topic))
            query.others.insert(producer);
    }
    return query;
}

// More is sent than what its members can work off, or commits are rarer than is asked for.
Because by_work(const Case& c, const Behind& behind) {
    std::int64_t records = 0;
    for (const std::string& topic : topics_of(c, behind.end, behind.group)) {
        for (const std::string& producer : producers_of(c, topic))
            records += c.facts.producers.at(producer).records_per_second.value_or(0);
    }
    std::size_t members = 0;
    SimDuration work;
    NamedSetting commits;
    for (const auto& [node, fact] : c.facts.consumers) {
        if (fact.group != behind.group)
            continue;
        ++members;
        work = std::max(work, fact.process.value_or(SimDuration()));
        if (fact.commits_by_time)
            commits = c.facts.of_consumer(node, "auto.commit.interval.ms");
    }
    if (members == 0 || records == 0)
        return {};
    const std::int64_t each = records / static_cast<std::int64_t>(members);
    if (work * each >= seconds(1) * 7 / 10) {
        return Because::end(
            Origin::Workload,
            fmt::format("the consumer's work takes {} than the records come: {} a record, and {} "
                        "records/s come for each of the {} members",
                        work * each >= seconds(1) ? "longer" : "hardly less time",
                        seconds_text(work), each, members));
    }
    if (commits.span() && *commits.span() >= seconds(1)) {
        return Because::end(Origin::Setting,
                            fmt::format("{}: the lag counts what is not committed yet, and {} "
                                        "records/s come",
                                        commits.text(), records));
    }
    return Because::end(
        Origin::Workload,
        fmt::format("{} records/s come, and the lag counts what is not committed yet", records));
}

const Event* rebalance_in(const Case& c, const Behind& behind) {
    const Event* const started = c.trace.last<RebalanceStarted>(
        behind.end,
        [&](const Event&, const RebalanceStarted& body) { return body.group == behind.group; });
    const Event* const done = c.trace.last<RebalanceCompleted>(
        behind.end,
        [&](const Event&, const RebalanceCompleted& body) { return body.group == behind.group; });
    const bool under_way = started != nullptr && (done == nullptr || done->i < started->i);
    const bool lately = started != nullptr && started->t + seconds(10) >= behind.at;
    return under_way || lately ? started : nullptr;
}

}  // namespace

Because fell_behind(const Case& c, const Behind& behind) {
    const std::string how = "group " + behind.group + " fell behind";
    const auto look = [&](int least) -> Because {
        for (const SimDuration back : kLookBack) {
            const SilenceQuery query = query_of(c, behind, back);
            const auto found = c.troubles.find(query);
            if (!found.empty() && c.troubles.score(*found.front(), query) >= least)
                return silenced(c, query, how);
        }
        return {};
    };
    if (Because out = look(kStrong); out.next != nullptr)
        return out;
    const Event* const rebalance = rebalance_in(c, behind);
    if (rebalance != nullptr)
        return Because::of(rebalance, how + ": nobody reads while it rebalances");
    if (Because out = look(0); out.next != nullptr)
        return out;
    if (Because out = by_work(c, behind); out.origin != Origin::Unexplained) {
        out.how = how;
        return out;
    }
    return {};
}

Because not_settled(const Case& c, const Behind& behind, SimTime from) {
    const Event* const started = c.trace.last<RebalanceStarted>(
        behind.end,
        [&](const Event&, const RebalanceStarted& body) { return body.group == behind.group; });
    const bool lately = started != nullptr && started->t >= from;
    SilenceQuery query = query_of(c, behind, behind.at - from);
    if (lately) {
        query.from = started->t;
        query.begun_by = started->t;
    }
    query.need = Need::Join;
    if (query.from >= query.to || c.troubles.find(query).empty())
        return {};
    return silenced(c, query, fmt::format("the members of group {} could not join", behind.group));
}

}  // namespace bsim::why
