#include <algorithm>
#include <fmt/format.h>

#include "sim/report/why/hindrance.h"
#include "sim/report/why/rules.h"

namespace bsim::why {
namespace {

constexpr std::string_view kSession = "broker.session.timeout.ms";
constexpr std::string_view kLag = "replica.lag.time.max.ms";

std::string name_of(BrokerId broker) {
    return NodeName::broker(broker).text();
}

// An event about the broker that belongs to the same decision of the controller.
template <class Body>
const Event* in_same_decision(const Case& c, const Event& e, BrokerId broker) {
    const auto same = [&](const Event& other, const Body& body) {
        return other.n == e.n && body.broker == broker && other.t <= e.t + kAnInstant &&
               e.t <= other.t + kAnInstant;
    };
    if (const Event* const after = c.trace.first_after<Body>(e.i, same))
        return after;
    return c.trace.last<Body>(e.i, same);
}

// What brought the broker back so that it could catch up.
const Event* return_of(const Case& c, const Event& e, BrokerId broker) {
    const Event* const unfenced = c.trace.last<BrokerUnfenced>(
        e.i, [&](const Event&, const BrokerUnfenced& body) { return body.broker == broker; });
    const Event* const fenced = c.trace.last<BrokerFenced>(
        e.i, [&](const Event&, const BrokerFenced& body) { return body.broker == broker; });
    if (unfenced != nullptr && (fenced == nullptr || fenced->i < unfenced->i)) {
        // Did it leave the ISR since then without being fenced?
        const Event* const left = c.trace.last<PartitionChanged>(
            e.i, [&](const Event& other, const PartitionChanged& body) {
                return other.i > unfenced->i && body.p == changed(e).p &&
                       !contains(body.isr, broker) && body.reason == "alter-partition";
            });
        if (left == nullptr)
            return unfenced;
    }
    return nullptr;
}

Because joined_isr(const Case& c, const Event& e, const PartitionChanged* before, BrokerId broker) {
    const std::string how =
        fmt::format("broker {} has caught up with the leader's log", broker.value());
    if (const Event* const back = return_of(c, e, broker))
        return Because::of(back, how);
    // It was here all the time: what had held it back has ended.
    const Event* const left =
        c.trace.last<PartitionChanged>(e.i, [&](const Event&, const PartitionChanged& body) {
            return body.p == changed(e).p && contains(body.isr, broker);
        });
    const Event* const ended = c.trace.last<FaultEnded>(
        e.i, [&](const Event& other, const auto&) { return left == nullptr || other.t > left->t; });
    if (ended != nullptr)
        return Because::of(ended, how + ", once nothing held it back");
    const Event* const shrunk =
        left == nullptr
            ? nullptr
            : c.trace.first_after<PartitionChanged>(
                  left->i, [&](const Event& other, const PartitionChanged& body) {
                      return other.i < e.i && body.p == changed(e).p && !contains(body.isr, broker);
                  });
    if (shrunk != nullptr)
        return Because::of(shrunk, how + " after it had left the ISR");
    return before == nullptr ? as_recorded(c, e)
                             : Because::end(Origin::Action, "a new replica has caught up");
}

Because left_isr(const Case& c,
                 const Event& e,
                 const PartitionChanged& body,
                 const std::vector<BrokerId>& removed) {
    const NodeName leader = body.leader ? NodeName::broker(*body.leader) : NodeName();
    const NamedSetting lag = node_setting(c, e.t, leader, kLag);
    const SimDuration limit = lag.span().value_or(seconds(30));
    SilenceQuery query;
    for (const BrokerId broker : removed)
        query.silent.insert(name_of(broker));
    query.others.insert(leader.text());
    query.from = e.t - limit * 2;
    query.begun_by = e.t - limit + std::min(limit / 2, seconds(1));
    query.to = e.t;
    query.need = Need::Replication;
    std::string too_short;
    if (limit <= c.facts.way * 4) {
        too_short = fmt::format("{}: a fetch over links of up to {} may take as long", lag.text(),
                                seconds_text(c.facts.way));
    }
    return silenced(c, query,
                    fmt::format("leader {} had not seen {} caught up for {}", leader.text(),
                                brokers(removed), seconds_text(limit)),
                    too_short)
        .with(lag);
}

// What the leader had asked of the controller some time before this change, in the same state of
// the partition, and had not been given.
const Event* unheard_proposal(const Case& c, const Event& e, const PartitionChanged& body) {
    const Event* const before = change_before(c, e.i, body.p);
    if (before == nullptr)
        return nullptr;
    const Event* const asked =
        c.trace.first_after<IsrProposed>(before->i, [&](const Event&, const IsrProposed& proposal) {
            return proposal.p == body.p &&
                   proposal.partition_epoch == changed(*before).partition_epoch;
        });
    const bool late = asked != nullptr && asked->i < e.i && asked->t + milliseconds(500) < e.t;
    return late ? asked : nullptr;
}

Because beside_unheard(const Case& c, const Event& e, const PartitionChanged& body, Because out) {
    const Event* const asked = unheard_proposal(c, e, body);
    if (asked == nullptr)
        return out;
    SilenceQuery query;
    query.silent.insert(asked->n.text());
    query.others = controllers(c);
    query.from = asked->t - seconds(1);
    query.begun_by = asked->t;
    query.to = e.t;
    query.need = Need::Proposal;
    query.noticed_by = e.n.text();
    for (const Trouble* const d : c.troubles.find(query)) {
        out = std::move(out).beside(
            fmt::format("why nothing came of what the leader, {}, had asked for at {}: ISR {}",
                        asked->n.text(), time_text(asked->t),
                        broker_list(as<IsrProposed>(*asked)->isr)),
            d->event);
    }
    return out;
}

Because by_alter_partition(const Case& c, const Event& e, const PartitionChanged& body) {
    const Event* const before = change_before(c, e.i, body.p);
    if (before == nullptr)
        return as_recorded(c, e);
    const auto removed = without(changed(*before).isr, body.isr);
    const auto added = without(body.isr, changed(*before).isr);
    if (!removed.empty())
        return left_isr(c, e, body, removed);
    if (!added.empty())
        return joined_isr(c, e, &changed(*before), added.front());
    return Because::of(before, "the leader tells that it has recovered");
}

// The one whose leaving changed the partition.
Because by_fencing(const Case& c, const Event& e, const PartitionChanged& body) {
    const Event* const before = change_before(c, e.i, body.p);
    std::vector<BrokerId> gone = body.replicas;
    if (before != nullptr) {
        const PartitionChanged& old = changed(*before);
        gone = without(old.isr, body.isr);
        if (gone.empty() && old.leader)
            gone.push_back(*old.leader);
    }
    for (const BrokerId broker : gone) {
        if (const Event* const fenced = in_same_decision<BrokerFenced>(c, e, broker)) {
            std::string how = fmt::format("broker {} was fenced", broker.value());
            if (!body.leader)
                how += ", and nobody else is in the ISR";
            return Because::of(fenced, std::move(how));
        }
    }
    return as_recorded(c, e);
}

Because by_unfencing(const Case& c, const Event& e, const PartitionChanged& body) {
    const Event* const before = change_before(c, e.i, body.p);
    const BrokerId who = body.leader.value_or(BrokerId(-1));
    const Event* const unfenced = in_same_decision<BrokerUnfenced>(c, e, who);
    if (unfenced == nullptr)
        return as_recorded(c, e);
    Because out =
        Because::of(unfenced, fmt::format("broker {}, which may lead it, came back", who.value()));
    if (before != nullptr && !changed(*before).leader)
        out = std::move(out).beside("why it had no leader", before);
    return out;
}

Because by_shutdown(const Case& c, const Event& e, const PartitionChanged& body) {
    const Event* const before = change_before(c, e.i, body.p);
    std::vector<BrokerId> gone =
        before == nullptr ? body.replicas : without(changed(*before).isr, body.isr);
    if (before != nullptr && changed(*before).leader && changed(*before).leader != body.leader)
        gone.push_back(*changed(*before).leader);
    for (const BrokerId broker : gone) {
        const Event* const fault =
            fault_on(c, e, name_of(broker), {"crash", "rolling-restart", "wipe"});
        if (fault != nullptr)
            return Because::of(fault,
                               fmt::format("broker {} shuts down in an orderly way and gives "
                                           "its partitions away",
                                           broker.value()));
    }
    return as_recorded(c, e);
}

// Of the partition's own topic: who asked for it?
const Event* asked_for(const Case& c, const Event& e, const TopicPartition& p, const char* kind) {
    const Event* const fault = fault_on(c, e, p.topic, {kind});
    return fault != nullptr && e.t <= fault->t + seconds(60) ? fault : nullptr;
}

// The newest change that moved the leader away from its preferred broker.
const Event* moved_away(const Case& c, const Event& e, const PartitionChanged& body) {
    if (body.replicas.empty())
        return nullptr;
    return c.trace.last<LeaderElected>(e.i, [&](const Event&, const LeaderElected& elected) {
        return elected.p == body.p && elected.to != body.replicas.front();
    });
}

Because by_preference(const Case& c, const Event& e, const PartitionChanged& body) {
    if (const Event* const fault = asked_for(c, e, body.p, "elect-preferred"))
        return Because::of(fault, "an election of the preferred leader was asked for");
    const NamedSetting interval =
        node_setting(c, e.t, e.n, "leader.imbalance.check.interval.seconds");
    const std::string how = fmt::format(
        "the controller brings leaders back to the first broker of their assignment, every {} s",
        interval.value);
    if (const Event* const moved = moved_away(c, e, body)) {
        return Because::of(moved, how)
            .with(node_setting(c, e.t, e.n, "auto.leader.rebalance.enable"))
            .with(interval);
    }
    Because out = Because::end(Origin::Setting, interval.text());
    out.how = how;
    return std::move(out).with(interval);
}

Because by_unclean_election(const Case& c, const Event& e, const PartitionChanged& body) {
    if (const Event* const fault = asked_for(c, e, body.p, "elect-unclean"))
        return Because::of(fault, "an unclean election was asked for");
    const Event* const before = change_before(c, e.i, body.p);
    const NamedSetting unclean =
        topic_setting(c, e.t, body.p.topic, "unclean.leader.election.enable");
    const std::string how =
        "no member of the ISR was left, and the settings let one from outside of it lead";
    if (before == nullptr)
        return Because::end(Origin::Setting, unclean.text()).with(unclean);
    return Because::of(before, how).with(unclean);
}

// One that says why, by its reason, for those that the table below does not have.
Because by_admin(const Case& c, const Event& e, const PartitionChanged& body) {
    for (const char* kind : {"reassign", "partitions-add", "topic-create", "config-change"}) {
        if (const Event* const fault = asked_for(c, e, body.p, kind))
            return Because::of(fault, "an administrator asked for it");
    }
    return as_recorded(c, e);
}

Because by_creation(const Case& c, const Event& e, const PartitionChanged& body) {
    if (const Event* const fault = asked_for(c, e, body.p, "partitions-add"))
        return Because::of(fault, "more partitions were asked for");
    const Event* const topic = c.trace.last<TopicCreated>(
        e.i, [&](const Event&, const TopicCreated& made) { return made.topic == body.p.topic; });
    if (topic == nullptr)
        return as_recorded(c, e);
    Because out = Because::of(topic, "it is a partition of that topic");
    for (const BrokerId broker : without(body.replicas, body.isr)) {
        const auto of_broker = [&](const Event&, const auto& other) {
            return other.broker == broker;
        };
        out = std::move(out).beside(
            fmt::format("why broker {} is not in the ISR from the start", broker.value()),
            c.trace.last<BrokerFenced>(e.i, of_broker));
    }
    return out;
}

Because by_directory(const Case& c, const Event& e, const PartitionChanged& body) {
    const Event* const failed =
        c.trace.last<LogDirFailed>(e.i, [&](const Event& other, const auto&) {
            return std::any_of(body.replicas.begin(), body.replicas.end(), [&](BrokerId broker) {
                return other.n == NodeName::broker(broker);
            });
        });
    return failed != nullptr ? Because::of(failed, "the log directory with its replica failed")
                             : as_recorded(c, e);
}

struct Reason {
    std::string_view name;
    Because (*why)(const Case&, const Event&, const PartitionChanged&);
};

constexpr Reason kReasons[] = {
    {"created", by_creation},
    {"fenced", by_fencing},
    {"unfenced", by_unfencing},
    {"controlled-shutdown", by_shutdown},
    {"unregistered", by_admin},
    {"alter-partition", by_alter_partition},
    {"preferred-election", by_preference},
    {"unclean-election", by_unclean_election},
    {"reassignment", by_admin},
    {"directory-failure", by_directory},
    {"directory-assigned", by_directory},
};

}  // namespace

Because why(const Case& c, const Event& e, const PartitionChanged& body) {
    const auto* const reason =
        std::find_if(std::begin(kReasons), std::end(kReasons),
                     [&](const Reason& row) { return row.name == body.reason; });
    Because out = reason == std::end(kReasons) ? as_recorded(c, e) : reason->why(c, e, body);
    out = beside_unheard(c, e, body, std::move(out));
    const Event* const before = change_before(c, e.i, body.p);
    if (before == nullptr)
        return out;
    // A leader from outside of the ISR.
    const bool unclean = body.leader && body.leader != changed(*before).leader &&
                         !contains(changed(*before).isr, *body.leader) &&
                         !contains(changed(*before).elr, *body.leader);
    if (unclean && body.reason != "created") {
        const bool told = std::any_of(out.settings.begin(), out.settings.end(), [](const auto& s) {
            return s.key == "unclean.leader.election.enable";
        });
        if (!told)
            out.settings.push_back(
                topic_setting(c, e.t, body.p.topic, "unclean.leader.election.enable"));
    }
    // Nobody leads, or one from outside: because the ISR had shrunk to the one that went.
    const PartitionChanged& old = changed(*before);
    const bool stands_alone = old.isr.size() == 1 && old.replicas.size() > 1;
    if ((unclean || !body.leader) && stands_alone && body.reason == "fenced") {
        const Event* const shrunk = c.trace.last<PartitionChanged>(
            e.i, [&](const Event& other, const PartitionChanged& change) {
                const Event* const older = change_before(c, other.i, body.p);
                return change.p == body.p && change.isr.size() == 1 && older != nullptr &&
                       changed(*older).isr.size() > 1;
            });
        out = std::move(out).beside("why the ISR was no larger", shrunk);
        if (shrunk != nullptr) {
            for (const Event* const left : earlier_leavers(c, *shrunk))
                out = std::move(out).beside("who had left the ISR before", left);
        }
    }
    return out;
}

Because why(const Case& c, const Event& e, const LeaderElected& body) {
    const Event* const change = change_before(c, e.i, body.p);
    if (change == nullptr)
        return as_recorded(c, e);
    Because out = why(c, *change, changed(*change));
    if (body.clean)
        return out;
    const bool told = std::any_of(out.settings.begin(), out.settings.end(), [](const auto& s) {
        return s.key == "unclean.leader.election.enable";
    });
    return told ? out
                : std::move(out).with(
                      topic_setting(c, e.t, body.p.topic, "unclean.leader.election.enable"));
}

Because why(const Case& c, const Event& e, const BrokerRegistered& body) {
    const NodeName node = NodeName::broker(body.broker);
    const Event* const started = c.trace.last<NodeStarted>(
        e.i, [&](const Event& other, const auto&) { return other.n == node; });
    return started != nullptr ? Because::of(started, "a broker that starts registers itself")
                              : as_recorded(c, e);
}

namespace {

// A controller that was elected while the broker was silent counts from then on: who was away
// before?
Because beside_absent_controllers(
    const Case& c, const Event& e, const Event* trouble, SimDuration limit, Because out) {
    const Event* const elected = c.trace.last<ControllerElected>(
        e.i, [&](const Event& other, const auto&) { return other.n == e.n; });
    const bool first = elected == nullptr ||
                       c.trace.last<ControllerElected>(
                           elected->i, [](const auto&, const auto&) { return true; }) == nullptr;
    if (trouble == nullptr || first || elected->t + limit + seconds(3) < e.t ||
        elected->t < trouble->t)
        return out;
    for (const std::string& node : controllers(c)) {
        SilenceQuery query;
        query.silent = {node};
        query.others = controllers(c);
        query.others.erase(node);
        query.from = trouble->t;
        query.begun_by = trouble->t;
        query.to = elected->t;
        query.need = Need::Quorum;
        for (const Trouble* const d : c.troubles.find(query)) {
            if (d->nodes.contains(node) && c.troubles.score(*d, query) > 400)
                out = std::move(out).beside(
                    fmt::format("why no controller noticed it before {} was elected at {}",
                                e.n.text(), time_text(elected->t)),
                    d->event);
        }
    }
    return out;
}

}  // namespace

Because why(const Case& c, const Event& e, const BrokerFenced& body) {
    const std::string broker = name_of(body.broker);
    if (body.why != "session-expired") {
        const Event* const fault = fault_on(c, e, broker, {"crash", "rolling-restart", "wipe"});
        return fault != nullptr ? Because::of(fault, "the broker shuts down in an orderly way")
                                : as_recorded(c, e);
    }
    const NamedSetting session = node_setting(c, e.t, e.n, kSession);
    const NamedSetting beat =
        node_setting(c, e.t, NodeName::broker(body.broker), "broker.heartbeat.interval.ms");
    const SimDuration limit = session.span().value_or(seconds(9));
    SilenceQuery query;
    query.silent.insert(broker);
    query.others = controllers(c);
    query.from = e.t - limit;
    const SimDuration interval = beat.span().value_or(seconds(2));
    query.begun_by = e.t - std::max(limit - interval - milliseconds(500), limit / 2);
    query.to = e.t;
    query.noticed_by = e.n.text();
    std::string too_short;
    if (limit <= interval + c.facts.way * 2) {
        too_short = fmt::format("{}: it is no longer than {} and a heartbeat on its way (up to {})",
                                session.text(), beat.text(), seconds_text(c.facts.way * 2));
    }
    Because out = silenced(c, query,
                           fmt::format("{} had no heartbeat of broker {} for {}, since {}",
                                       e.n.text(), body.broker.value(), seconds_text(limit),
                                       time_text(std::max(SimTime(), e.t - limit))),
                           too_short)
                      .with(session);
    return beside_absent_controllers(c, e, out.next, limit, std::move(out));
}

Because why(const Case& c, const Event& e, const BrokerUnfenced& body) {
    const auto of_broker = [&](const Event&, const auto& other) {
        return other.broker == body.broker;
    };
    const Event* const registered = c.trace.last<BrokerRegistered>(e.i, of_broker);
    const Event* const fenced = c.trace.last<BrokerFenced>(e.i, of_broker);
    if (registered != nullptr && (fenced == nullptr || fenced->i < registered->i))
        return Because::of(registered, "it has caught up with the metadata log");
    if (fenced == nullptr)
        return as_recorded(c, e);
    // The same process is heard again.
    const NodeName node = NodeName::broker(body.broker);
    const Event* const resumed = c.trace.last<NodeResumed>(
        e.i,
        [&](const Event& other, const auto&) { return other.n == node && other.i > fenced->i; });
    if (resumed != nullptr)
        return Because::of(resumed, "it goes on and sends heartbeats again");
    const Event* const ended = c.trace.last<FaultEnded>(
        e.i, [&](const Event& other, const auto&) { return other.i > fenced->i; });
    if (ended != nullptr)
        return Because::of(ended, "its heartbeats arrive again");
    return Because::of(fenced, "its heartbeats arrive again");
}

Because why(const Case& c, const Event& e, const TopicCreated& body) {
    if (const Event* const fault = fault_on(c, e, body.topic, {"topic-create"}))
        return Because::of(fault, "an administrator asked for it");
    if (body.topic.starts_with("__"))
        return Because::end(
            Origin::Action,
            fmt::format("brokers make {} when somebody first needs it", body.topic));
    return Because::end(
        Origin::Action,
        fmt::format("the scenario has a topic {}, and admin creates it", body.topic));
}

Because why(const Case& c, const Event& e, const TopicDeleted& body) {
    if (const Event* const fault = fault_on(c, e, body.topic, {"topic-delete"}))
        return Because::of(fault, "an administrator asked for it");
    return as_recorded(c, e);
}

}  // namespace bsim::why
