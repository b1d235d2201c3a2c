#include <algorithm>
#include <fmt/format.h>

#include "sim/model/internal_topics.h"
#include "sim/report/why/hindrance.h"
#include "sim/report/why/rules.h"

namespace bsim::why {
namespace {

const std::set<std::string_view> kClientStops = {"crash", "rolling-restart", "wipe",
                                                 "member-churn"};
const std::set<std::string> kMemberApis = {"Heartbeat", "JoinGroup", "SyncGroup", "OffsetCommit"};

template <class Body>
const Event* of_group(const Case& c, const Event& e, const std::string& group) {
    return c.trace.last<Body>(e.i,
                              [&](const Event&, const Body& body) { return body.group == group; });
}

// A batch of records takes longer than a member may take between two polls.
std::string work_too_long(const Case& c, const std::set<std::string>& nodes, SimDuration limit) {
    for (const std::string& node : nodes) {
        const auto fact = c.facts.consumers.find(node);
        if (fact == c.facts.consumers.end() || !fact->second.process)
            continue;
        const NamedSetting most = c.facts.of_consumer(node, "max.poll.records");
        const SimDuration work = *fact->second.process * number_of(most, 500);
        if (work >= limit) {
            return fmt::format("{}: the work on the records of one poll ({} each, {}) may take {}",
                               c.facts.of_consumer(node, "max.poll.interval.ms").text(),
                               seconds_text(*fact->second.process), most.text(),
                               seconds_text(work));
        }
    }
    return "";
}

std::string beats_too_rare(const Case& c,
                           const std::set<std::string>& nodes,
                           const NamedSetting& limit) {
    for (const std::string& node : nodes) {
        const NamedSetting beat = c.facts.of_consumer(node, "heartbeat.interval.ms");
        const bool rare =
            beat.span() && limit.span() && *limit.span() <= *beat.span() + c.facts.way * 2;
        if (rare && c.facts.consumers.contains(node)) {
            return fmt::format("{}: it is no longer than {} and a heartbeat on its way (up to {})",
                               limit.text(), beat.text(), seconds_text(c.facts.way * 2));
        }
    }
    return "";
}

// An answer, made up by a fault, that has a member join anew. One that is for few requests has been
// used up soon.
const Event* told_to_rejoin(const Case& c, const Event& e, const std::set<std::string>& apis) {
    const Event* const fault = answered_with(c, e.t, "", apis);
    if (fault == nullptr)
        return nullptr;
    const FaultFact& fact = c.facts.faults.at(as<FaultStarted>(*fault)->f);
    const bool used_up = fact.count && *fact.count < 5 && fault->t + seconds(10) < e.t;
    return used_up ? nullptr : fault;
}

// A member was slow or silent for as long as `limit` allows.
Because member_silent(const Case& c,
                      const Event& e,
                      const std::set<std::string>& nodes,
                      const NamedSetting& limit,
                      std::string how) {
    const SimDuration span = limit.span().value_or(seconds(45));
    SilenceQuery query;
    query.silent = nodes;
    query.others.insert(e.n.text());
    query.from = e.t - span - seconds(3);
    query.begun_by = e.t - span + seconds(3);
    query.to = e.t;
    const bool by_poll = limit.key == "max.poll.interval.ms";
    query.need = by_poll ? Need::Poll : Need::Session;
    const std::string too_short =
        by_poll ? work_too_long(c, nodes, span) : beats_too_rare(c, nodes, limit);
    return silenced(c, query, std::move(how), too_short).with(limit);
}

const Event* moved_before(const Case& c, const Event& e, const std::string& group, SimTime from) {
    return c.trace.last<GroupMoved>(e.i, [&](const Event& other, const GroupMoved& moved) {
        return moved.group == group && other.t >= from;
    });
}

Because of_new_subscription(const Case& c, const Event& e, const RebalanceStarted& body) {
    const Event* const before = of_group<RebalanceCompleted>(c, e, body.group);
    const SimTime since = before == nullptr ? SimTime() : before->t;
    const auto newer = [&](const Event& other, const auto& topic) {
        return other.t + seconds(300) >= since && other.t >= since &&
               !topic.topic.starts_with("__");
    };
    if (has(body.why, "revoke partitions") && before != nullptr)
        return Because::of(before,
                           "members have given up what the generation before took from "
                           "them, and it is handed out now (cooperative protocol)");
    if (const Event* const made = c.trace.last<TopicCreated>(e.i, newer))
        return Because::of(made, "a topic that it subscribes to is there");
    if (const Event* const gone = c.trace.last<TopicDeleted>(e.i, newer))
        return Because::of(gone, "a topic that it subscribes to is gone");
    if (before != nullptr)
        return Because::of(before,
                           "a member joined again with other topics or partitions than in "
                           "the generation before");
    return as_recorded(c, e);
}

// An event about the member that the reason names, of the same instant.
template <class Body>
const Event* named_in(const Case& c, const Event& e, const RebalanceStarted& body) {
    const auto is = [&](const Event& other, const Body& member) {
        return member.group == body.group && has(body.why, member.member) &&
               other.t <= e.t + kAnInstant && e.t <= other.t + kAnInstant;
    };
    if (const Event* const before = c.trace.last<Body>(e.i, is))
        return before;
    return c.trace.first_after<Body>(e.i, is);
}

Because left_by_itself(const Case& c, const Event& e, const std::string& node) {
    const Event* const fault = fault_on(c, e, node, kClientStops);
    const Event* const started = started_before(c, e, NodeName(node));
    if (fault != nullptr &&
        (started == nullptr || started->i < fault->i || as<FaultStarted>(*fault)->fault != "crash"))
        return Because::of(fault, "the consumer is closed, and a consumer that closes leaves");
    if (const Event* const stopped = c.trace.last<NodeStopped>(
            e.i, [&](const Event& other, const auto&) { return other.n.text() == node; })) {
        if (started == nullptr || started->i < stopped->i)
            return Because::of(stopped, "it was closed");
    }
    Because out = Because::end(Origin::Workload, "the consumer leaves of its own accord");
    return out;
}

}  // namespace

Because why(const Case& c, const Event& e, const MemberLeft& body) {
    const std::string node = node_of_client(c, body.client);
    if (body.why == "leave")
        return left_by_itself(c, e, node);
    if (body.why == "fenced") {
        const Event* const joined =
            c.trace.first_after<MemberJoined>(e.i, [&](const Event& other, const MemberJoined& m) {
                return m.group == body.group && other.t <= e.t + kAnInstant && !m.instance.empty();
            });
        const Event* const started = started_before(c, e, NodeName(node));
        if (started != nullptr && joined != nullptr)
            return Because::of(started,
                               "it joins anew with the same group.instance.id, and takes "
                               "its old place")
                .with(c.facts.of_consumer(node, "group.instance.id"));
        return as_recorded(c, e);
    }
    if (body.why == "group_full") {
        const NamedSetting size = node_setting(c, e.t, e.n, "group.max.size");
        return Because::end(Origin::Setting, size.text()).with(size);
    }
    const bool session = body.why == "session_timeout";
    const NamedSetting limit =
        c.facts.of_consumer(node, session ? "session.timeout.ms" : "max.poll.interval.ms");
    const std::string span = seconds_text(limit.span().value_or(seconds(45)));
    // The client goes by another id since it joined again.
    const Event* const again =
        c.trace.last<MemberJoined>(e.i, [&](const Event&, const MemberJoined& m) {
            return m.group == body.group && m.client == body.client;
        });
    if (session && again != nullptr && as<MemberJoined>(*again)->member != body.member) {
        return Because::of(again,
                           "its client had joined again under another id, and used this one "
                           "no more")
            .with(limit);
    }
    if (session) {
        return member_silent(
            c, e, {node}, limit,
            fmt::format("{} heard nothing of {} for {}", e.n.text(), body.client, span));
    }
    return member_silent(c, e, {node}, limit,
                         body.why == "poll_timeout"
                             ? fmt::format("{} did not call poll() for {}", body.client, span)
                             : fmt::format("{} did not join or sync within {}", body.client, span));
}

namespace {

// It took long from its start: what was in the way?
Because beside_late_join(
    const Case& c, const Event& e, const Event& started, const std::string& node, Because out) {
    if (e.t < started.t + seconds(4))
        return out;
    SilenceQuery query;
    query.silent = {node};
    query.others = {e.n.text()};
    query.from = started.t;
    query.begun_by = started.t + seconds(1);
    query.to = e.t;
    query.need = Need::Join;
    for (const Trouble* const d : c.troubles.find(query)) {
        if (d->event->i > started.i || !d->to || *d->to > started.t)
            out = std::move(out).beside("why it could not join sooner", d->event);
    }
    return out;
}

}  // namespace

Because why(const Case& c, const Event& e, const MemberJoined& body) {
    const std::string node = node_of_client(c, body.client);
    const Event* const started = started_before(c, e, NodeName(node));
    const auto since_start = [&](const Event& other) {
        return started == nullptr || started->i < other.i;
    };
    const Event* const left =
        c.trace.last<MemberLeft>(e.i, [&](const Event& other, const MemberLeft& gone) {
            return gone.group == body.group && gone.client == body.client && since_start(other);
        });
    if (left != nullptr && as<MemberLeft>(*left)->why != "fenced")
        return Because::of(left, "it was no member any more, and joins again");
    const Event* const before =
        c.trace.last<MemberJoined>(e.i, [&](const Event& other, const MemberJoined& member) {
            return member.group == body.group && member.client == body.client && since_start(other);
        });
    if (before == nullptr) {
        return started != nullptr
                   ? beside_late_join(
                         c, e, *started, node,
                         Because::of(started, "a consumer that starts joins its group"))
                   : as_recorded(c, e);
    }
    if (const Event* const fault = told_to_rejoin(c, e, kMemberApis))
        return Because::of(fault, "a request of it was answered so that it joins anew");
    if (const Event* const moved = moved_before(c, e, body.group, before->t))
        return Because::of(moved, "the coordinator changed, and the new one did not know it");
    const Event* const rebalance = of_group<RebalanceStarted>(c, e, body.group);
    if (rebalance != nullptr) {
        // Its request to join was not answered: the rebalance waits for a member.
        return member_silent(c, *rebalance, members_of(c, e.i, body.group),
                             c.facts.of_consumer(node, "max.poll.interval.ms"),
                             "its request to join had no answer in time, as the rebalance waited "
                             "for a member that was busy, so that it asked again");
    }
    return as_recorded(c, e);
}

Because why(const Case& c, const Event& e, const RebalanceStarted& body) {
    if (const Event* const left = named_in<MemberLeft>(c, e, body))
        return Because::of(left, "a member has left");
    if (has(body.why, "changed its subscription"))
        return of_new_subscription(c, e, body);
    if (has(body.why, "joined again")) {
        if (const Event* const fault = told_to_rejoin(c, e, kMemberApis))
            return Because::of(fault, "a request of a member was answered so that it joins again");
    }
    if (const Event* const joined = named_in<MemberJoined>(c, e, body))
        return Because::of(joined, "a member has joined");
    if (has(body.why, "too many members")) {
        const NamedSetting size = node_setting(c, e.t, e.n, "group.max.size");
        return Because::end(Origin::Setting, size.text()).with(size);
    }
    if (has(body.why, "did not sync")) {
        const Event* const before = of_group<RebalanceStarted>(c, e, body.group);
        const std::set<std::string> members = members_of(c, e.i, body.group);
        const NamedSetting limit = c.facts.of_consumer(
            members.empty() ? std::string() : *members.begin(), "max.poll.interval.ms");
        Because out = member_silent(c, e, members, limit, body.why);
        if (out.next == nullptr && before != nullptr)
            return Because::of(before, body.why);
        return out;
    }
    // The leader told of new partitions, or of another choice of protocols.
    return of_new_subscription(c, e, body);
}

Because why(const Case& c, const Event& e, const RebalanceCompleted& body) {
    const Event* const started = of_group<RebalanceStarted>(c, e, body.group);
    if (started == nullptr)
        return as_recorded(c, e);
    Because out = Because::of(started,
                              "all members have joined, and the leader's assignment is in "
                              "force");
    const bool first = as<RebalanceStarted>(*started)->generation == GenerationId(0);
    return first
               ? std::move(out).with(node_setting(c, e.t, e.n, "group.initial.rebalance.delay.ms"))
               : out;
}

Because why(const Case& c, const Event& e, const GroupState& body) {
    if (body.to == GroupStateName::Empty || body.to == GroupStateName::Dead) {
        const Event* const left = of_group<MemberLeft>(c, e, body.group);
        return left != nullptr ? Because::of(left, "its last member is gone") : as_recorded(c, e);
    }
    const Event* const started = of_group<RebalanceStarted>(c, e, body.group);
    return started != nullptr ? Because::of(started, "the group rebalances") : as_recorded(c, e);
}

Because why(const Case& c, const Event& e, const GroupMoved&) {
    const auto of_offsets = [&](const Event& other, const auto& role) {
        return other.n == e.n && role.p.topic == kOffsetsTopic;
    };
    const Event* const led = c.trace.last<BecameLeader>(e.i, of_offsets);
    const Event* const followed = c.trace.last<BecameFollower>(e.i, of_offsets);
    const Event* const newest =
        led == nullptr || (followed != nullptr && led->i < followed->i) ? followed : led;
    return newest != nullptr
               ? Because::of(newest,
                             "whoever leads the group's partition of __consumer_offsets "
                             "coordinates the group")
               : as_recorded(c, e);
}

Because why(const Case& c, const Event& e, const AssignmentChanged& body) {
    if (body.why == "closed")
        return left_by_itself(c, e, e.n.text());
    if (body.why == "lost") {
        const Event* const left =
            c.trace.last<MemberLeft>(e.i, [&](const Event&, const MemberLeft& gone) {
                return gone.group == body.group && node_of_client(c, gone.client) == e.n.text();
            });
        const Event* const fault = told_to_rejoin(c, e, kMemberApis);
        if (fault != nullptr && (left == nullptr || left->t < fault->t))
            return Because::of(fault, "a request of it was answered as if it were no member");
        if (left != nullptr)
            return Because::of(left, "the group went on without it");
        if (const Event* const moved = of_group<GroupMoved>(c, e, body.group))
            return Because::of(moved, "the new coordinator does not know it");
        return as_recorded(c, e);
    }
    const Event* const done = of_group<RebalanceCompleted>(c, e, body.group);
    const Event* const started = of_group<RebalanceStarted>(c, e, body.group);
    const bool under_way = started != nullptr && (done == nullptr || done->i < started->i);
    if (body.why == "revoked" && under_way)
        return Because::of(started, "a member gives up its partitions before it joins again");
    if (done != nullptr)
        return Because::of(done, "the new generation says so");
    return as_recorded(c, e);
}

Because why(const Case& c, const Event& e, const OffsetCommitted& body) {
    const Event* const left =
        c.trace.last<MemberLeft>(e.i, [&](const Event&, const MemberLeft& gone) {
            return gone.group == body.group && !body.member.empty() && gone.member == body.member;
        });
    if (left != nullptr)
        return Because::of(left, "the member had been struck off, and commits all the same");
    return Because::end(Origin::Workload, "the consumer commits how far it has come");
}

Because why(const Case& c, const Event& e, const OffsetRemoved& body) {
    if (body.why == "expired") {
        const NamedSetting retention = node_setting(c, e.t, e.n, "offsets.retention.minutes");
        return Because::end(Origin::Setting, retention.text()).with(retention);
    }
    const Event* const deleted = c.trace.last<TopicDeleted>(
        e.i, [&](const Event&, const TopicDeleted& topic) { return topic.topic == body.p.topic; });
    return deleted != nullptr ? Because::of(deleted, "its topic is gone") : as_recorded(c, e);
}

Because why(const Case& c, const Event& e, const CommitFailed& body) {
    const Event* const left =
        c.trace.last<MemberLeft>(e.i, [&](const Event&, const MemberLeft& gone) {
            return gone.group == body.group && node_of_client(c, gone.client) == e.n.text();
        });
    const Event* const moved = of_group<GroupMoved>(c, e, body.group);
    const Event* const rebalance = of_group<RebalanceStarted>(c, e, body.group);
    static const std::set<std::string> kApis = {"OffsetCommit", "FindCoordinator"};
    if (const Event* const fault = answered_with(c, e.t, body.error, kApis))
        return Because::of(fault, "that is the answer which it had");
    if (body.error == "UNKNOWN_TOPIC_OR_PARTITION") {
        const Event* const gone =
            c.trace.last<TopicDeleted>(e.i, [](const Event&, const auto&) { return true; });
        if (gone != nullptr)
            return Because::of(gone, "the topic is gone");
    }
    if (body.error == "REBALANCE_IN_PROGRESS" && rebalance != nullptr)
        return Because::of(rebalance, "the group rebalances");
    const bool unknown = body.error == "UNKNOWN_MEMBER_ID" || body.error == "COMMIT_FAILED" ||
                         body.error == "ILLEGAL_GENERATION" || body.error == "FENCED_INSTANCE_ID";
    if (unknown && left != nullptr)
        return Because::of(left, "the group went on without it");
    if (unknown && moved != nullptr)
        return Because::of(moved, "the new coordinator does not know it");
    if (unknown && rebalance != nullptr)
        return Because::of(rebalance, "the group has a newer generation");
    SilenceQuery query;
    query.silent.insert(e.n.text());
    for (const Event* const event : {moved, rebalance}) {
        if (event != nullptr)
            query.silent.insert(event->n.text());
    }
    query.others = query.silent;
    // A connection that breaks is noticed at once, an answer that does not come after a while.
    const NamedSetting request = c.facts.of_consumer(e.n.text(), "request.timeout.ms");
    const bool waited = body.error == "REQUEST_TIMED_OUT" || body.error == "TIMEOUT";
    query.begun_by = waited ? e.t - request.span().value_or(seconds(30)) / 2 : e.t;
    query.from = query.begun_by - seconds(1);
    query.to = e.t;
    query.need = Need::Commit;
    return silenced(c, query, "the coordinator did not answer");
}

}  // namespace bsim::why
