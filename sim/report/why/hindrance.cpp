#include "sim/report/why/hindrance.h"

#include <algorithm>
#include <fmt/format.h>

namespace bsim::why {
namespace {

std::string name_of(BrokerId broker) {
    return NodeName::broker(broker).text();
}

// The states of the partition in the course of the wait, each with the time that it lasted.
struct Span {
    const Event* change = nullptr;
    SimDuration lasted;
    bool leaderless = false;
    bool too_few = false;
};

std::vector<Span> spans_of(const Case& c, const Wait& wait) {
    std::vector<const Event*> changes;
    for (const Event* at = change_before(c, wait.end, wait.p); at != nullptr;
         at = change_before(c, at->i, wait.p)) {
        if (at->t > wait.to)
            continue;
        changes.push_back(at);
        if (at->t <= wait.from)
            break;
    }
    std::vector<Span> out;
    SimTime until = wait.to;
    for (const Event* change : changes) {
        const PartitionChanged& state = changed(*change);
        const NamedSetting needed = topic_setting(c, until, wait.p.topic, "min.insync.replicas");
        const SimTime since = std::max(wait.from, change->t);
        out.push_back(
            {change, until - since, !state.leader,
             wait.all_acks && static_cast<std::int64_t>(state.isr.size()) < number_of(needed, 1)});
        until = since;
    }
    std::reverse(out.begin(), out.end());
    return out;
}

// The change that brought the partition into the state that `is` tells of.
template <class Is>
const Event* since(const Case& c, const Event& newest, const TopicPartition& p, Is&& is) {
    const Event* first = &newest;
    for (const Event* at = change_before(c, newest.i, p); at != nullptr && is(changed(*at));
         at = change_before(c, at->i, p))
        first = at;
    return first;
}

// Without a leader, or with too small an ISR, for a good part of the wait.
Because by_state(const Case& c, const Wait& wait, const std::vector<Span>& spans) {
    SimDuration leaderless;
    SimDuration too_few;
    const Event* without_leader = nullptr;
    const Event* small = nullptr;
    for (const Span& span : spans) {
        if (span.leaderless) {
            leaderless = leaderless + span.lasted;
            without_leader = without_leader == nullptr ? span.change : without_leader;
        } else if (span.too_few) {
            too_few = too_few + span.lasted;
            small = small == nullptr ? span.change : small;
        }
    }
    const SimDuration whole = wait.to - wait.from;
    // A good part of a short wait, or some seconds of one that was long.
    const auto matters = [&](SimDuration part) {
        return part * 4 >= whole || (part >= seconds(2) && whole >= seconds(10));
    };
    const std::string p = wait.p.to_string();
    if (without_leader != nullptr && matters(leaderless) && leaderless >= too_few) {
        const Event* const first =
            since(c, *without_leader, wait.p, [](const auto& state) { return !state.leader; });
        return Because::of(first, fmt::format("{} had no leader for {} of that time", p,
                                              seconds_text(leaderless)));
    }
    if (small == nullptr || !matters(too_few))
        return {};
    const NamedSetting needed = topic_setting(c, wait.to, wait.p.topic, "min.insync.replicas");
    const auto few = [&](const PartitionChanged& state) {
        return static_cast<std::int64_t>(state.isr.size()) < number_of(needed, 1);
    };
    const Event* const first = since(c, *small, wait.p, few);
    Because out =
        Because::of(first, fmt::format("the ISR of {} ({}) was smaller than "
                                       "min.insync.replicas for {} of that time",
                                       p, broker_list(changed(*small).isr), seconds_text(too_few)));
    for (const Event* const left : earlier_leavers(c, *first))
        out = std::move(out).beside("who had left the ISR before", left);
    // Further members that left made it no better.
    for (const Span& span : spans) {
        if (span.too_few && span.change != first &&
            !without(changed(*first).isr, changed(*span.change).isr).empty())
            out = std::move(out).beside("who else left the ISR", span.change);
    }
    return std::move(out).with(needed);
}

// The change on which the wait ended: another leader, or an ISR without those that were slow.
Because by_change(const Case& c, const Wait& wait, const std::vector<Span>& spans) {
    const Event* moved = nullptr;
    std::vector<const Event*> shrunk;
    for (const Span& span : spans) {
        const Event* const before = change_before(c, span.change->i, wait.p);
        if (before == nullptr || span.change->t <= wait.from)
            continue;
        const PartitionChanged& old = changed(*before);
        const PartitionChanged& state = changed(*span.change);
        if (old.leader != state.leader && old.leader)
            moved = moved == nullptr ? span.change : moved;
        if (!without(old.isr, state.isr).empty())
            shrunk.push_back(span.change);
    }
    if (moved != nullptr) {
        const PartitionChanged& old = changed(*change_before(c, moved->i, wait.p));
        return Because::of(
            moved, fmt::format("broker {} led {} up to {}, and did not serve it",
                               old.leader->value(), wait.p.to_string(), time_text(moved->t)));
    }
    if (shrunk.empty() || !wait.all_acks)
        return {};
    Because out = Because::of(
        shrunk.back(), fmt::format("all members of the ISR had to have it, and one of them was not "
                                   "there; it left the ISR at {}",
                                   time_text(shrunk.back()->t)));
    for (std::size_t k = 0; k + 1 < shrunk.size(); ++k)
        out = std::move(out).beside("who else left the ISR", shrunk[k]);
    return out;
}

// A leader that had been deposed before, and went on as if it led, for it had not heard of that.
Because by_stale_leader(const Case& c, const Wait& wait, const std::vector<Span>& spans) {
    if (spans.empty())
        return {};
    const Event* moved = spans.front().change;
    const Event* before = change_before(c, moved->i, wait.p);
    while (before != nullptr && changed(*before).leader == changed(*moved).leader) {
        moved = before;
        before = change_before(c, moved->i, wait.p);
    }
    if (before == nullptr || !changed(*before).leader || moved->t + seconds(60) < wait.from)
        return {};
    const NodeName old = NodeName::broker(*changed(*before).leader);
    const Event* const learned = c.trace.first_after<BecameFollower>(
        moved->i, [&](const Event& event, const BecameFollower& body) {
            return event.n == old && body.p == wait.p;
        });
    const Event* const stopped = c.trace.first_after<NodeStopped>(
        before->i, [&](const Event& event, const auto&) { return event.n == old; });
    const SimTime until = learned == nullptr ? wait.to : learned->t;
    const bool dead = stopped != nullptr && stopped->t < wait.from;
    if (dead || until < wait.from + (wait.to - wait.from) / 4)
        return {};
    return Because::of(
        moved, fmt::format("{} was deposed as leader of {} at {}, and did not hear "
                           "of it{}",
                           old.text(), wait.p.to_string(), time_text(moved->t),
                           learned == nullptr ? std::string() : " up to " + time_text(until)));
}

// A short wait, right after the partition came into being.
bool is_new(const Wait& wait, const std::vector<Span>& spans) {
    return !spans.empty() && changed(*spans.front().change).reason == "created" &&
           spans.front().change->t + seconds(1) >= wait.from && wait.to - wait.from <= seconds(5);
}

SilenceQuery query_of(const Wait& wait, Need need) {
    SilenceQuery query;
    query.from = wait.from;
    query.begun_by = wait.from;
    query.to = wait.to;
    query.need = need;
    return query;
}

// What struck the ways between clients and servers, or the clients.
Because by_clients(const Case& c, const Wait& wait, const std::set<std::string>& servers) {
    SilenceQuery query = query_of(wait, Need::Produce);
    query.silent = wait.clients;
    query.others = servers;
    const std::vector<const Trouble*> found = c.troubles.find(query);
    if (found.empty() || c.troubles.score(*found.front(), query) < 600)
        return {};
    // One that strikes servers alone is told of what it does to the partition.
    const Trouble& first = *found.front();
    const bool client = std::any_of(wait.clients.begin(), wait.clients.end(),
                                    [&](const auto& name) { return first.nodes.contains(name); });
    const auto* const fault = as<FaultStarted>(*first.event);
    if (!client && (fault == nullptr || !is_message_fault(fault->fault)))
        return {};
    return silenced(c, query,
                    fmt::format("{} and the brokers could not talk as they should",
                                fmt::join(wait.clients, ", ")));
}

std::string too_short_for_requests(const Case& c, const Wait& wait) {
    for (const std::string& client : wait.clients) {
        const NamedSetting request = c.facts.of_producer(client, "request.timeout.ms");
        if (c.facts.producers.contains(client) && request.span() &&
            *request.span() <= c.facts.way * 4) {
            return fmt::format("{}: over links of up to {} one way, an answer takes longer",
                               request.text(), seconds_text(c.facts.way));
        }
    }
    return "";
}

}  // namespace

const Event* deletion_of(const Case& c, EventNumber end, const std::string& topic) {
    const Event* const gone = c.trace.last<TopicDeleted>(
        end, [&](const Event&, const TopicDeleted& body) { return body.topic == topic; });
    const Event* const made = c.trace.last<TopicCreated>(
        end, [&](const Event&, const TopicCreated& body) { return body.topic == topic; });
    return gone != nullptr && (made == nullptr || made->i < gone->i) ? gone : nullptr;
}

const Event* answered_with(const Case& c,
                           SimTime at,
                           const std::string& error,
                           const std::set<std::string>& apis) {
    const Event* found = nullptr;
    for (const Trouble& d : c.troubles.all()) {
        const FaultFact* const fact = c.troubles.fact_of(d);
        if (fact == nullptr || fact->kind != "api-error" || d.from > at ||
            (d.to && *d.to + seconds(1) < at))
            continue;
        const bool same = fact->error == error || fact->error.empty() || error.empty();
        if (same && apis.contains(fact->api))
            found = d.event;
    }
    return found;
}

std::set<std::string> producers_of(const Case& c, const std::string& topic) {
    std::set<std::string> out;
    for (const auto& [node, fact] : c.facts.producers) {
        if (fact.topic == topic)
            out.insert(node);
    }
    return out;
}

std::string node_of_client(const Case& c, const std::string& client) {
    for (const auto& [node, fact] : c.facts.consumers) {
        const auto id = fact.settings.find("client.id");
        if (node == client || (id != fact.settings.end() && id->second == client))
            return node;
    }
    return client;
}

std::set<std::string> members_of(const Case& c, EventNumber end, const std::string& group) {
    std::set<std::string> out;
    for (const auto& [node, fact] : c.facts.consumers) {
        if (fact.group == group)
            out.insert(node);
    }
    for (const Event& event : c.trace.events()) {
        if (event.i >= end)
            break;
        const auto* joined = as<MemberJoined>(event);
        if (joined != nullptr && joined->group == group)
            out.insert(node_of_client(c, joined->client));
    }
    return out;
}

Because hindered(const Case& c, const Wait& wait) {
    if (const Event* const gone = deletion_of(c, wait.end, wait.p.topic))
        return Because::of(gone, fmt::format("topic {} was deleted", wait.p.topic));
    const std::vector<Span> spans = spans_of(c, wait);
    if (Because out = by_state(c, wait, spans); out.next != nullptr)
        return out;
    SilenceQuery query = query_of(wait, Need::Produce);
    std::string leader = "the leader";
    if (!spans.empty()) {
        const PartitionChanged& state = changed(*spans.front().change);
        for (const BrokerId broker : state.isr) {
            if (wait.all_acks || broker == state.leader)
                query.others.insert(name_of(broker));
        }
        if (state.leader) {
            query.others.insert(name_of(*state.leader));
            leader = fmt::format("broker {}", state.leader->value());
        }
    }
    if (Because out = by_clients(c, wait, query.others); out.next != nullptr)
        return out;
    if (Because out = by_change(c, wait, spans); out.next != nullptr)
        return out;
    if (Because out = by_stale_leader(c, wait, spans); out.next != nullptr)
        return out;
    query.silent = query.others;
    query.silent.insert(wait.clients.begin(), wait.clients.end());
    query.others = query.silent;
    const std::string too_short = too_short_for_requests(c, wait);
    const bool nothing = too_short.empty() && c.troubles.find(query).empty();
    if (nothing && is_new(wait, spans))
        return Because::of(spans.front().change, "the partition had just been created");
    if (!wait.must_find && nothing)
        return {};
    return silenced(c, query,
                    fmt::format("{}, leader of {}, and those in sync with it were held up", leader,
                                wait.p.to_string()),
                    too_short);
}

bool is_troubled(const Case& c, const std::string& node, SimTime at) {
    return std::any_of(c.troubles.all().begin(), c.troubles.all().end(), [&](const Trouble& d) {
        const auto* const fault = as<FaultStarted>(*d.event);
        const bool counts = fault == nullptr || !fault->fault.starts_with("clock-");
        return counts && d.nodes.contains(node) && d.from <= at &&
               (!d.to || *d.to + seconds(5) >= at);
    });
}

int share_hindered(const Case& c, const Wait& wait) {
    if (deletion_of(c, wait.end, wait.p.topic) != nullptr)
        return 1000;
    const std::vector<Span> spans = spans_of(c, wait);
    SilenceQuery query = query_of(wait, Need::Produce);
    query.silent = wait.clients;
    SimDuration lost;
    SimTime settled = wait.from;  // when the leader or the ISR changed last
    for (const Span& span : spans) {
        if (span.leaderless || span.too_few)
            lost = lost + span.lasted;
        settled = std::max(settled, span.change->t);
        for (const BrokerId broker : changed(*span.change).isr)
            query.silent.insert(name_of(broker));
    }
    query.others = query.silent;
    const std::int64_t whole = std::max<std::int64_t>((wait.to - wait.from).ns() / 1000, 1);
    int out = static_cast<int>(std::max(lost.ns(), (settled - wait.from).ns()) / whole);
    for (const Trouble* const d : c.troubles.find(query))
        out = std::max(out, c.troubles.score(*d, query));
    return out;
}

std::vector<const Event*> earlier_leavers(const Case& c, const Event& change) {
    std::vector<const Event*> out;
    const PartitionChanged& now = changed(change);
    const Event* const before = change_before(c, change.i, now.p);
    if (before == nullptr)
        return out;
    for (const BrokerId broker : without(now.replicas, changed(*before).isr)) {
        const Event* left = before;
        while (left != nullptr && !contains(changed(*left).isr, broker)) {
            const Event* const older = change_before(c, left->i, now.p);
            if (older != nullptr && contains(changed(*older).isr, broker))
                break;
            left = older;
        }
        const bool told = std::find(out.begin(), out.end(), left) != out.end();
        if (left != nullptr && !told && !contains(changed(*left).isr, broker))
            out.push_back(left);
    }
    return out;
}

std::vector<const Event*> kept_from_fetching(const Case& c, const Unfetched& lack) {
    SilenceQuery query;
    query.silent = lack.followers;
    query.others = {lack.leader};
    query.from = lack.from;
    query.begun_by = lack.from;
    query.to = lack.to;
    query.need = Need::Replication;
    std::vector<const Event*> out;
    for (const Trouble* const d : c.troubles.find(query)) {
        // What befell the leader itself is another part of the story.
        const bool of_leader = d->what != Trouble::What::Fault && d->nodes.contains(lack.leader);
        if (!of_leader && c.troubles.score(*d, query) >= 300)
            out.push_back(d->event);
    }
    return out;
}

namespace {

// The number behind all that had happened by then.
EventNumber end_of(const Case& c, SimTime t) {
    const std::vector<Event>& events = c.trace.events();
    const auto after = std::partition_point(events.begin(), events.end(),
                                            [&](const Event& event) { return event.t <= t; });
    return after == events.end() ? EventNumber(c.trace.last_number().value() + 1) : after->i;
}

Because replica_kept_back(const Case& c, const Concern& concern, EventNumber end) {
    SilenceQuery query;
    query.silent = {concern.node};
    query.others = controllers(c);
    const Event* const change = change_before(c, end, concern.p);
    if (change != nullptr && changed(*change).leader)
        query.others.insert(name_of(*changed(*change).leader));
    query.others.erase(concern.node);
    query.from = concern.from;
    query.begun_by = concern.from;
    query.to = concern.to;
    query.need = Need::Replication;
    if (concern.node.empty() || concern.from >= concern.to || c.troubles.find(query).empty())
        return {};
    return silenced(
        c, query,
        fmt::format("{} could not add to its log of {}", concern.node, concern.p.to_string()));
}

// Nothing was in the way: this is how much there was to do.
Because by_rate(const Case& c, const Concern& concern) {
    std::int64_t records = 0;
    for (const std::string& producer : producers_of(c, concern.p.topic))
        records += c.facts.producers.at(producer).records_per_second.value_or(0);
    if (records == 0)
        return {};
    return Because::end(Origin::Workload,
                        fmt::format("producers send {} records/s to topic {}, and no more", records,
                                    concern.p.topic));
}

}  // namespace

Because in_the_way(const Case& c, const Concern& concern) {
    const EventNumber end = end_of(c, concern.to);
    switch (concern.what) {
        case Concern::What::Replica:
            return replica_kept_back(c, concern, end);
        case Concern::What::Lag:
            return fell_behind(c, {concern.group, concern.to, end});
        case Concern::What::Group:
            return not_settled(c, {concern.group, concern.to, end}, concern.from);
        case Concern::What::Progress:
            break;
    }
    Wait wait;
    wait.p = concern.p;
    wait.from = concern.from;
    wait.to = concern.to;
    wait.end = end;
    wait.clients = producers_of(c, concern.p.topic);
    wait.must_find = false;
    Because out = hindered(c, wait);
    return out.next == nullptr && out.origin == Origin::Unexplained ? by_rate(c, concern) : out;
}

}  // namespace bsim::why
