#include <algorithm>
#include <fmt/format.h>

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
    return Because::of(follows, fmt::format("its log went on past that of the leader of epoch {}",
                                            role.epoch.value()));
}

Because why(const Case& c, const Event& e, const LogRecovered&) {
    const Event* const started = started_before(c, e, e.n);
    return started != nullptr ? Because::of(started, "a broker that starts opens its logs")
                              : as_recorded(c, e);
}

Because why(const Case& c, const Event&, const LogStartAdvanced& body) {
    if (is_metadata(body.p))
        return Because::end(Origin::Setting, "the metadata log is cut where a snapshot stands");
    const NamedSetting ms = c.facts.of_topic(body.p.topic, "retention.ms");
    const NamedSetting bytes = c.facts.of_topic(body.p.topic, "retention.bytes");
    return Because::end(Origin::Setting, fmt::format("{}, {}", ms.text(), bytes.text()))
        .with(ms)
        .with(bytes);
}

Because why(const Case& c, const Event&, const SegmentRolled& body) {
    const NamedSetting size = c.facts.of_topic(body.p.topic, "segment.bytes");
    const NamedSetting age = c.facts.of_topic(body.p.topic, "segment.ms");
    return Because::end(Origin::Setting, fmt::format("{}, {}", size.text(), age.text()))
        .with(size)
        .with(age);
}

Because why(const Case& c, const Event&, const SegmentDeleted& body) {
    const NamedSetting ms = c.facts.of_topic(body.p.topic, "retention.ms");
    const NamedSetting bytes = c.facts.of_topic(body.p.topic, "retention.bytes");
    return Because::end(Origin::Setting, fmt::format("{}, {}", ms.text(), bytes.text()))
        .with(ms)
        .with(bytes);
}

}  // namespace bsim::why
