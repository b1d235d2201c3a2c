#include "sim/report/why/check_causes.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "sim/model/internal_topics.h"
#include "sim/report/why/hindrance.h"
#include "sim/report/why/permits.h"

namespace bsim::why {
namespace {

struct CheckRow {
    std::string_view check;
    Part part;
    std::string_view blame;  // whose code broke the rule, if nothing permits it
};

constexpr CheckRow kChecks[] = {
    {"acked-records-durable", Part::Replication, "replication (leader, followers, elections)"},
    {"committed-prefix", Part::Replication, "replication (truncation and appending of followers)"},
    {"isr-holds-committed", Part::Replication, "ISR handling (leader and controller)"},
    {"isr-lag", Part::Replication, "the leader's ISR handling"},
    {"maximal-isr-covers", Part::Replication, "the leader's ISR handling"},
    {"hw-monotonic", Part::Replication, "high watermark handling"},
    {"replicas-converge", Part::Replication, "replication of followers"},
    {"beyond-hw", Part::Replication, "what leaders let consumers read"},
    {"stale-epoch-ack", Part::Replication, "acknowledgements of a deposed leader"},
    {"lost-write", Part::Replication, "replication (leader, followers, elections)"},
    {"inconsistent-offsets", Part::Replication, "replication (leader, followers, elections)"},
    {"thin-air-read", Part::Replication, "the log, or what leaders hand to consumers"},
    {"unseen", Part::Replication, "what leaders hand to consumers"},
    {"G1a", Part::Producers, "the answers to producers, or what leaders hand to consumers"},
    {"duplicate", Part::Producers, "idempotence (producer or leader)"},
    {"nonmonotonic-send", Part::Producers, "the producer, or the leader's check of sequences"},
    {"per-partition-order", Part::Producers, "the producer, or the leader's check of sequences"},
    {"exactly-once-per-producer", Part::Producers, "idempotence (producer or leader)"},
    {"no-produce-errors", Part::Producers, "producers and leaders"},
    {"controller-state-legal", Part::Controller, "the controller"},
    {"metadata-prefix", Part::Raft, "replication of the metadata log"},
    {"raft-committed", Part::Raft, "Raft (the high watermark of its leader)"},
    {"raft-roles", Part::Raft, "Raft (elections)"},
    {"raft-vote-once", Part::Raft, "Raft (votes)"},
    {"single-leader-per-epoch", Part::Raft, "elections (votes, epochs)"},
    {"recovery-is-valid-prefix", Part::Storage, "recovery of logs"},
    {"segments-readable", Part::Storage, "the log's files"},
    {"retention-contract", Part::Storage, "retention"},
    {"liveness", Part::Controller, "elections or retries"},
    {"availability", Part::Controller, "elections or retries"},
    {"churn-budget", Part::All, "time-outs and elections"},
    {"one-owner-per-partition", Part::Groups, "the group coordinator or its members"},
    {"commit-fencing", Part::Groups, "the group coordinator's check of commits"},
    {"generation-monotonic", Part::Groups, "the group coordinator"},
    {"offsets-monotonic", Part::Groups, "the group coordinator's offsets"},
    {"consumer-positions", Part::Consumers, "the consumer, or the coordinator's offsets"},
    {"nonmonotonic-poll", Part::Consumers, "the consumer, or what leaders hand to it"},
    {"poll-skip", Part::Consumers, "the consumer, or what leaders hand to it"},
    {"undeclared-reset", Part::Consumers, "the consumer's check for truncation"},
};

// A run of another version may have other checks.
CheckRow row_of(std::string_view check) {
    const auto* const found = std::find_if(std::begin(kChecks), std::end(kChecks),
                                           [&](const CheckRow& row) { return row.check == check; });
    return found == std::end(kChecks)
               ? CheckRow{check, Part::Replication, "what this check watches"}
               : *found;
}

const Event* unclean_election(const Case& c, const CheckFinding& finding, const TopicPartition& p) {
    return c.trace.last<LeaderElected>(EventNumber(finding.i.value() + 1),
                                       [&](const Event&, const LeaderElected& elected) {
                                           return elected.p == p && !elected.clean;
                                       });
}

// The setting or the fault that had a leader elected from outside of the ISR.
void add_unclean(const Case& c,
                 const CheckFinding& finding,
                 const TopicPartition& p,
                 CheckCauses& out) {
    const Event* const elected = unclean_election(c, finding, p);
    if (elected == nullptr)
        return;
    strand(out, "the unclean election", elected);
    out.permits.push_back(unclean_permit(c, p, *elected));
}

// The leader was gone before its followers had the record: what kept them from fetching it?
void add_unfetched(const Case& c, const Event& acked, const ProduceAcked& ack, CheckCauses& out) {
    const std::string leader = NodeName::broker(ack.broker).text();
    const Event* const change = change_before(c, acked.i, ack.p);
    const Event* const stopped = c.trace.first_after<NodeStopped>(
        acked.i, [&](const Event& other, const auto&) { return other.n.text() == leader; });
    const Event* const moved = c.trace.first_after<PartitionChanged>(
        acked.i, [&](const Event&, const PartitionChanged& body) {
            return body.p == ack.p && body.leader != ack.broker;
        });
    if (change == nullptr || (stopped == nullptr && moved == nullptr))
        return;
    Unfetched lack;
    lack.leader = leader;
    for (const BrokerId broker : changed(*change).replicas) {
        if (broker != ack.broker)
            lack.followers.insert(NodeName::broker(broker).text());
    }
    lack.from = acked.t;
    lack.to =
        stopped == nullptr || (moved != nullptr && moved->i < stopped->i) ? moved->t : stopped->t;
    for (const Event* const fault : kept_from_fetching(c, lack))
        strand(out, "why its followers had not fetched the record before", fault);
}

// The same where the finding names no acknowledgement: of the leader that went last.
void add_unfetched(const Case& c,
                   const CheckFinding& finding,
                   const TopicPartition& p,
                   CheckCauses& out) {
    const Event* const elected = c.trace.last<LeaderElected>(
        finding.i, [&](const Event&, const LeaderElected& body) { return body.p == p; });
    const Event* const change = elected == nullptr ? nullptr : change_before(c, elected->i, p);
    if (change == nullptr)
        return;
    const LeaderElected& body = *as<LeaderElected>(*elected);
    const Event* const led = c.trace.last<PartitionChanged>(
        elected->i, [&](const Event&, const PartitionChanged& state) {
            return state.p == p && state.leader && state.leader != body.to;
        });
    if (led == nullptr)
        return;
    Unfetched lack;
    lack.leader = NodeName::broker(*changed(*led).leader).text();
    lack.followers = {NodeName::broker(body.to).text()};
    const Event* const stopped = c.trace.last<NodeStopped>(
        elected->i, [&](const Event& other, const auto&) { return other.n.text() == lack.leader; });
    lack.to = stopped != nullptr && stopped->i > led->i ? stopped->t : elected->t;
    lack.from = lack.to - milliseconds(300);
    for (const Event* const fault : kept_from_fetching(c, lack))
        strand(out, "why the new leader had not fetched all of the old one's log", fault);
}

// How an acknowledged record came to be on so few replicas.
void add_acknowledgement(const Case& c,
                         const Event& acked,
                         const ProduceAcked& ack,
                         CheckCauses& out) {
    if (ack.acks != -1) {
        const NamedSetting acks = c.facts.of_producer(acked.n.text(), "acks");
        NamedSetting told = acks;
        told.value = std::to_string(ack.acks);
        permit(out, told.text() + ": the record counts as written before any follower has it",
               acked.i);
        add_unfetched(c, acked, ack, out);
    }
    const Event* const change = change_before(c, acked.i, ack.p);
    if (change == nullptr || changed(*change).isr.size() >= changed(*change).replicas.size())
        return;
    const std::size_t isr = changed(*change).isr.size();
    strand(out,
           fmt::format("why only broker {} had to have the record when it was acknowledged",
                       broker_list(changed(*change).isr)),
           change);
    for (const Event* const left : earlier_leavers(c, *change))
        strand(out, "who had left the ISR before", left);
    const NamedSetting min_isr = topic_setting(c, acked.t, ack.p.topic, "min.insync.replicas");
    strand(out, "what set min.insync.replicas", c.trace.find(min_isr.by));
    if (isr == 1 && min_isr.value == "1") {
        permit(out,
               min_isr.text() + ": a write counts as replicated when the leader alone is in sync",
               change->i);
    }
}

// What took copies away between the acknowledgement and the violation.
void add_losses(const Case& c,
                const CheckFinding& finding,
                const TopicPartition& p,
                EventNumber since,
                CheckCauses& out) {
    std::size_t told = 0;
    for (const Event& event : c.trace.events()) {
        if (event.i < since || event.i > finding.i || told >= 4)
            continue;
        const auto* cut = as<LogTruncated>(event);
        const auto* stopped = as<NodeStopped>(event);
        const Event* const change = change_before(c, finding.i, p);
        const bool of_replica = stopped != nullptr && stopped->how != StopMode::Graceful &&
                                change != nullptr && event.n.kafka_id() &&
                                contains(changed(*change).replicas, *event.n.kafka_id()) &&
                                event.n.text().starts_with("broker-");
        if (cut != nullptr && cut->p == p) {
            strand(out, "how a copy was cut off", &event);
            ++told;
        } else if (of_replica) {
            strand(out, "how a copy went out of reach", &event);
            ++told;
        }
    }
}

void tell_replication(const Case& c,
                      const CheckFinding& finding,
                      const Mentions& mentions,
                      CheckCauses& out) {
    if (mentions.partitions.empty())
        return;
    const TopicPartition& p = mentions.partitions.front();
    EventNumber since;
    for (const EventNumber i : mentions.events) {
        const Event* const event = c.trace.find(i);
        const auto* ack = event == nullptr ? nullptr : as<ProduceAcked>(*event);
        if (ack != nullptr) {
            since = i;
            add_acknowledgement(c, *event, *ack, out);
        }
    }
    if (since == EventNumber{} && has(finding.detail, "acks="))
        add_unfetched(c, finding, p, out);
    if (since == EventNumber{}) {
        const Event* const change = change_before(c, finding.i, p);
        since = change == nullptr ? EventNumber{} : change->i;
    }
    add_unclean(c, finding, p, out);
    add_losses(c, finding, p, since, out);
}

// Voters that voted for two in one epoch, and what made them forget.
void tell_votes(const Case& c, const Mentions& mentions, CheckCauses& out) {
    for (const std::int32_t epoch : mentions.epochs) {
        std::map<std::string, const Event*> first;
        for (const Event& event : c.trace.events()) {
            const auto* vote = as<RaftVote>(event);
            if (vote == nullptr || vote->pre || !vote->granted || vote->epoch.value() != epoch)
                continue;
            const auto entry = first.try_emplace(event.n.text(), &event);
            const Event& earlier = *entry.first->second;
            if (entry.second || as<RaftVote>(earlier)->candidate == vote->candidate)
                continue;
            strand(out, fmt::format("{} votes for two in epoch {}", event.n.text(), epoch), &event);
            strand(out, "its restart between the two votes",
                   c.trace.last<NodeStarted>(event.i, [&](const Event& other, const auto&) {
                       return other.n == event.n && other.i > earlier.i;
                   }));
        }
    }
}

// A client that joins again, though it had joined before: found where the rebalance began.
const Event* joined_again(const Case& c, const CheckFinding& finding, const std::string& client) {
    return c.trace.first_after<MemberJoined>(
        finding.i, [&](const Event& event, const MemberJoined& joined) {
            const Event* const before = c.trace.last<MemberJoined>(
                event.i,
                [&](const Event&, const MemberJoined& older) { return older.client == client; });
            return joined.client == client && before != nullptr;
        });
}

void tell_groups(const Case& c,
                 const CheckFinding& finding,
                 const Mentions& mentions,
                 CheckCauses& out) {
    for (const std::string& group : mentions.groups) {
        strand(out, "how the coordinator came to its knowledge of the group",
               c.trace.last<GroupMoved>(finding.i, [&](const Event&, const GroupMoved& moved) {
                   return moved.group == group && moved.loaded;
               }));
        strand(out, "who left the group last",
               c.trace.last<MemberLeft>(finding.i, [&](const Event&, const MemberLeft& left) {
                   return left.group == group && left.why != "leave";
               }));
    }
    if (has(finding.detail, "joins again")) {
        for (const std::string& node : mentions.nodes) {
            const Event* const again = joined_again(c, finding, node);
            const bool later = again != nullptr && again->t > finding.t;
            strand(out,
                   later ? fmt::format("why it joins again, at {}, while that rebalance goes on",
                                       time_text(again->t))
                         : std::string("why it joins again"),
                   again);
        }
    }
    // What its offsets stand on.
    for (const Event& event : c.trace.events()) {
        const auto* elected = as<LeaderElected>(event);
        if (event.i <= finding.i && elected != nullptr && !elected->clean &&
            elected->p.topic == kOffsetsTopic) {
            add_unclean(c, finding, elected->p, out);
            break;
        }
    }
}

void tell_permitted(const Case& c,
                    const CheckFinding& finding,
                    const Mentions& mentions,
                    CheckCauses& out) {
    const std::size_t at = finding.detail.rfind("; permitted: ");
    if (at == std::string::npos || !out.permits.empty())
        return;
    const std::string why = finding.detail.substr(at + 13);
    permit(out, "the settings permit it: " + why, {});
    if (!has(why, "min.insync.replicas") || mentions.partitions.empty())
        return;
    const NamedSetting min_isr =
        topic_setting(c, finding.t, mentions.partitions.front().topic, "min.insync.replicas");
    strand(out, "what set min.insync.replicas", c.trace.find(min_isr.by));
}

// The event that broke the rule, if it says anything; findings of the end stand at the last event.
const Event* breaking_event(const Case& c, const CheckFinding& finding) {
    const Event* const event = c.trace.find(finding.i);
    const bool at_end = finding.i >= c.trace.last_number();
    return at_end ? nullptr : event;
}

const Event* latest_about(const Case& c, const CheckFinding& finding, const Mentions& mentions) {
    const EventNumber end(finding.i.value() + 1);
    if (!mentions.partitions.empty()) {
        if (const Event* const change = change_before(c, end, mentions.partitions.front()))
            return change;
    }
    for (const std::string& node : mentions.nodes) {
        if (const Trouble* const d = c.troubles.latest({node}, finding.t))
            return d->event;
    }
    return c.trace.last_kept(finding.i);
}

// What may break the rule without any bug.
void set_excuses(const Case& c,
                 const CheckFinding& finding,
                 const Event* breaking,
                 CheckCauses& out) {
    const std::string& check = finding.check;
    const bool outage =
        check == "liveness" || check == "availability" || check == "replicas-converge";
    out.is_liveness = outage || check == "no-produce-errors" || check == "unseen";
    out.settings_excuse = outage || check == "churn-budget" || check == "unseen";
    const auto* const failed = breaking == nullptr ? nullptr : as<ProduceFailed>(*breaking);
    if (failed == nullptr || !has(failed->error, "TIME"))
        return;
    // If nothing was in the way for most of its time, it should have been sent.
    Wait wait;
    wait.p = failed->p;
    wait.from = breaking->t - failed->latency_ns;
    wait.to = breaking->t;
    wait.end = breaking->i;
    wait.clients = {breaking->n.text()};
    const Origin end = hindered(c, wait).origin;
    out.is_liveness =
        share_hindered(c, wait) >= 300 || end == Origin::Setting || end == Origin::Network;
}

}  // namespace

CheckCauses causes_of(const Case& c, const CheckFinding& finding) {
    const Mentions mentions = mentions_of(c, finding.detail);
    const CheckRow row = row_of(finding.check);
    CheckCauses out;
    const Event* const breaking = breaking_event(c, finding);
    const bool liveness = finding.check == "liveness" || finding.check == "availability";
    const bool outage = liveness || finding.check == "replicas-converge";
    set_excuses(c, finding, breaking, out);
    if (breaking != nullptr && !liveness)
        strand(out, "the event that broke the rule", breaking);
    if (outage)
        tell_outage(c, finding, mentions, out);
    if (finding.check == "unseen")
        tell_unread(c, finding, mentions, out);
    // What is given up or not read is not lost.
    const bool lost = finding.check != "no-produce-errors" && finding.check != "unseen";
    if ((lost && (row.part == Part::Replication || row.part == Part::Producers)) ||
        row.part == Part::Consumers || row.part == Part::Storage)
        tell_replication(c, finding, mentions, out);
    if (row.part == Part::Raft)
        tell_votes(c, mentions, out);
    if (row.part == Part::Groups || row.part == Part::Consumers || row.part == Part::All)
        tell_groups(c, finding, mentions, out);
    if (out.strands.empty() && out.permits.empty()) {
        // No rule says that this led there.
        strand(out, "", latest_about(c, finding, mentions));
        out.is_liveness = false;
    }
    for (TrueCause& cause : switches_for(c, row.part, finding.detail))
        out.permits.push_back(std::move(cause));
    tell_permitted(c, finding, mentions, out);
    const bool unclean_matters = row.part == Part::Raft && !mentions.partitions.empty();
    if (unclean_matters)
        add_unclean(c, finding, mentions.partitions.front(), out);
    out.blame = fmt::format(
        "No setting and no switch of this run permits it: {} breaks the rule by itself, "
        "which is a bug in {}. What led there, the chains above tell.",
        finding.i <= c.trace.last_number() ? fmt::format("event {}", finding.i.value())
                                           : std::string("what is found at the end"),
        row.blame);
    return out;
}

}  // namespace bsim::why
