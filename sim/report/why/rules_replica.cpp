#include <algorithm>
#include <fmt/format.h>

#include "sim/report/why/hindrance.h"
#include "sim/report/why/rules.h"

namespace bsim::why {
namespace {

const Event* raft_role_before(const Case& c, const Event& e) {
    return c.trace.last<RaftRole>(e.i,
                                  [&](const Event& other, const auto&) { return other.n == e.n; });
}

// News of the partition's leader reached the replica.
Because by_news(const Case& c, const Event& e, const TopicPartition& p, LeaderEpoch epoch) {
    if (is_metadata(p)) {
        const Event* const role = raft_role_before(c, e);
        return role != nullptr ? Because::of(role, "that is its role in the metadata quorum")
                               : as_recorded(c, e);
    }
    const Event* change =
        c.trace.last<PartitionChanged>(e.i, [&](const Event&, const PartitionChanged& body) {
            return body.p == p && body.leader_epoch == epoch;
        });
    // The first one with that epoch is what moved the leader.
    while (change != nullptr) {
        const Event* const older = change_before(c, change->i, p);
        if (older == nullptr || changed(*older).leader_epoch != epoch)
            break;
        change = older;
    }
    const Event* const started = started_before(c, e, e.n);
    if (started != nullptr && change != nullptr && change->i < started->i)
        return Because::of(started, "it starts, and reads this in the metadata log");
    if (change != nullptr)
        return Because::of(change, "it read this in the metadata log");
    return as_recorded(c, e);
}

Because by_change(const Case& c,
                  const Event& e,
                  const TopicPartition& p,
                  const std::vector<BrokerId>& isr) {
    const Event* const change = c.trace.last<PartitionChanged>(
        e.i,
        [&](const Event&, const PartitionChanged& body) { return body.p == p && body.isr == isr; });
    const Event* const newest = change != nullptr ? change : change_before(c, e.i, p);
    if (newest == nullptr)
        return as_recorded(c, e);
    return why(c, *newest, changed(*newest));
}

}  // namespace

Because why(const Case& c, const Event& e, const BecameLeader& body) {
    return by_news(c, e, body.p, body.epoch);
}

Because why(const Case& c, const Event& e, const BecameFollower& body) {
    return by_news(c, e, body.p, body.epoch);
}

Because why(const Case& c, const Event& e, const IsrShrunk& body) {
    return by_change(c, e, body.p, body.isr);
}

Because why(const Case& c, const Event& e, const IsrExpanded& body) {
    return by_change(c, e, body.p, body.isr);
}

Because why(const Case& c, const Event& e, const IsrProposed& body) {
    const Event* const answered = c.trace.first_after<PartitionChanged>(
        e.i, [&](const Event&, const PartitionChanged& change) {
            return change.p == body.p && change.isr == body.isr &&
                   change.leader_epoch == body.leader_epoch;
        });
    // What made the controller's answer made the proposal, too.
    if (answered != nullptr)
        return why(c, *answered, changed(*answered));
    return as_recorded(c, e);
}

Because why(const Case& c, const Event& e, const HwAdvanced& body) {
    if (is_metadata(body.p))
        return as_recorded(c, e);
    const Event* const appended =
        c.trace.last<LogAppended>(e.i, [&](const Event&, const LogAppended& batch) {
            return batch.p == body.p && batch.last + 1 == body.hw;
        });
    return appended != nullptr
               ? Because::of(appended, "all replicas that count are said to hold what is below it")
               : as_recorded(c, e);
}

Because why(const Case& c, const Event& e, const LogAppended& body) {
    if (is_metadata(body.p))
        return as_recorded(c, e);
    // On a follower: what the leader has.
    const Event* const first =
        c.trace.last<LogAppended>(e.i, [&](const Event& other, const LogAppended& batch) {
            return other.n != e.n && batch.p == body.p && batch.base == body.base &&
                   batch.epoch == body.epoch;
        });
    if (first != nullptr)
        return Because::of(first, "the follower fetched it from the leader");
    if (body.p.topic.starts_with("__"))
        return as_recorded(c, e);
    return Because::end(Origin::Workload,
                        fmt::format("a producer sent it to {}", body.p.to_string()));
}

namespace {

// The change that gave the partition its leader of that epoch.
const Event* moved_to(const Case& c, const Event& e, const TopicPartition& p, LeaderEpoch epoch) {
    return c.trace.first_after<PartitionChanged>(
        EventNumber{}, [&](const Event& other, const PartitionChanged& body) {
            return other.i < e.i && body.p == p && body.leader_epoch == epoch && body.leader;
        });
}

}  // namespace

Because why(const Case& c, const Event& e, const LogTruncated& body) {
    if (is_metadata(body.p)) {
        const Event* const role = raft_role_before(c, e);
        return role != nullptr
                   ? Because::of(role, "it cuts off what the leader of that epoch does not have")
                   : as_recorded(c, e);
    }
    const Event* const follows =
        c.trace.last<BecameFollower>(e.i, [&](const Event& other, const BecameFollower& role) {
            return other.n == e.n && role.p == body.p;
        });
    if (follows == nullptr)
        return as_recorded(c, e);
    const BecameFollower& role = *as<BecameFollower>(*follows);
    Because out = Because::of(follows, fmt::format("its log went on past that of the leader of "
                                                   "epoch {}",
                                                   role.epoch.value()));
    // How that leader came to lead, if the follower was not there then.
    const Event* const led = moved_to(c, e, body.p, role.epoch);
    out = std::move(out).beside(
        fmt::format("how {} got a leader without these records", body.p.to_string()), led);
    const Event* const stopped = c.trace.last<NodeStopped>(
        e.i, [&](const Event& other, const auto&) { return other.n == e.n; });
    if (led == nullptr || !changed(*led).leader)
        return out;
    const SimTime gone = stopped != nullptr && stopped->i < led->i ? stopped->t : led->t;
    const Unfetched lack{e.n.text(),
                         {NodeName::broker(*changed(*led).leader).text()},
                         gone - milliseconds(300),
                         gone};
    for (const Event* const fault : kept_from_fetching(c, lack))
        out = std::move(out).beside("why that leader had not fetched them", fault);
    return out;
}

Because why(const Case& c, const Event& e, const LogRecovered&) {
    const Event* const started = started_before(c, e, e.n);
    return started != nullptr ? Because::of(started, "a broker that starts opens its logs")
                              : as_recorded(c, e);
}

namespace {

// Too small to make a record seem older than a retention allows.
bool is_small(const Case& c, const Trouble& clock) {
    const FaultFact* const fact = c.troubles.fact_of(clock);
    return fact != nullptr && fact->by && fact->by->ns() < seconds(10).ns() &&
           fact->by->ns() > -seconds(10).ns();
}

// The newest fault of the broker's clock up to that moment; by it records look older than they are.
const Event* clock_fault(const Case& c, const Event& e, const std::set<std::string>& nodes) {
    const Event* found = nullptr;
    for (const Trouble& d : c.troubles.all()) {
        const auto* const fault = as<FaultStarted>(*d.event);
        const bool meets = std::any_of(nodes.begin(), nodes.end(),
                                       [&](const auto& node) { return d.nodes.contains(node); });
        const bool clock = fault != nullptr && fault->fault.starts_with("clock-");
        if (d.from <= e.t && clock && meets && !is_small(c, d))
            found = d.event;
    }
    return found;
}

Because by_setting(const NamedSetting& setting) {
    return Because::end(Origin::Setting, setting.text()).with(setting);
}

// No record of the run can be so old yet: a clock says so.
Because by_age(const Case& c, const Event& e, const TopicPartition& p, const char* key) {
    const NamedSetting age = topic_setting(c, e.t, p.topic, key);
    const bool too_young = age.span() && SimTime() + *age.span() > e.t;
    if (too_young || !age.span()) {
        if (const Event* const fault = clock_fault(c, e, {e.n.text()})) {
            return Because::of(fault, "by its clock, records are older than " + age.key).with(age);
        }
        std::set<std::string> writers = producers_of(c, p.topic);
        if (const Event* const fault = clock_fault(c, e, writers))
            return Because::of(fault, "by their timestamps, records are older than " + age.key)
                .with(age);
    }
    return by_setting(age);
}

}  // namespace

Because why(const Case& c, const Event& e, const LogStartAdvanced& body) {
    if (is_metadata(body.p))
        return Because::end(Origin::Setting, "the metadata log is cut where a snapshot stands");
    if (body.why == "leader's log start") {
        const Event* const leaders = c.trace.last<LogStartAdvanced>(
            e.i, [&](const Event& other, const LogStartAdvanced& moved) {
                return other.n != e.n && moved.p == body.p && moved.to >= body.to;
            });
        if (leaders != nullptr)
            return Because::of(leaders, "a follower's log begins where that of its leader does");
    }
    const Event* const deleted =
        c.trace.last<SegmentDeleted>(e.i, [&](const Event& other, const SegmentDeleted& gone) {
            return other.n == e.n && gone.p == body.p;
        });
    if (deleted != nullptr)
        return Because::of(deleted, "a log begins with the first segment that is left");
    const NamedSetting ms = topic_setting(c, e.t, body.p.topic, "retention.ms");
    const NamedSetting bytes = topic_setting(c, e.t, body.p.topic, "retention.bytes");
    return Because::end(Origin::Setting, fmt::format("{}, {}", ms.text(), bytes.text()))
        .with(ms)
        .with(bytes);
}

Because why(const Case& c, const Event& e, const SegmentRolled& body) {
    if (body.why == "full")
        return by_setting(topic_setting(c, e.t, body.p.topic, "segment.bytes"));
    if (body.why == "retention")
        return by_age(c, e, body.p, "retention.ms");
    return by_age(c, e, body.p, "segment.ms");
}

Because why(const Case& c, const Event& e, const SegmentDeleted& body) {
    if (body.why == "retention-ms")
        return by_age(c, e, body.p, "retention.ms");
    if (body.why == "retention-bytes")
        return by_setting(topic_setting(c, e.t, body.p.topic, "retention.bytes"));
    const Event* const moved =
        c.trace.last<LogStartAdvanced>(e.i, [&](const Event& other, const LogStartAdvanced& start) {
            return other.n == e.n && start.p == body.p && start.to > body.base;
        });
    return moved != nullptr ? Because::of(moved, "all of it lies before the log's start")
                            : as_recorded(c, e);
}

}  // namespace bsim::why
