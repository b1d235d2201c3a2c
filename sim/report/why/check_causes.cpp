#include "sim/report/why/check_causes.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "sim/model/internal_topics.h"

namespace bsim::why {
namespace {

// What part of the cluster a check watches; a switch of the same part may permit a violation.
enum class Part { Replication, Controller, Raft, Storage, Producers, Groups, Consumers, All };

struct CheckRow {
    std::string_view check;
    Part part;
    std::string_view blame;  // whose code broke the rule, if nothing permits it
};

constexpr CheckRow kChecks[] = {
    {"acked-records-durable", Part::Replication, "replication (leader, followers, elections)"},
    {"committed-prefix", Part::Replication, "replication (truncation and appending of followers)"},
    {"isr-holds-committed", Part::Replication, "ISR handling (leader and controller)"},
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

struct SwitchRow {
    std::string_view name;
    std::string_view value;  // that permits violations
    std::vector<Part> parts;
    std::string_view effect;
    bool by_default = false;  // Kafka 3.9 has this value
};

const std::vector<SwitchRow>& switch_rows() {
    static const std::vector<SwitchRow> rows = {
        {"truncation",
         "high_watermark",
         {Part::Replication, Part::Consumers, Part::Producers},
         "a follower cuts its log to its own high watermark, which lags behind, instead of where "
         "the leader's epochs say (KIP-101)"},
        {"pre_vote",
         "off",
         {Part::All},
         "a voter that was cut off raises the epoch without asking whether it can win, and deposes "
         "a healthy leader (KIP-996, Kafka 4.0)",
         true},
        {"leader_resign_on_no_fetch",
         "off",
         {Part::Raft, Part::Controller, Part::All},
         "a leader that no majority of the voters fetches from goes on as if it led (KAFKA-15489)"},
        {"commit_own_epoch_only",
         "off",
         {Part::Raft, Part::Controller, Part::Replication},
         "records of earlier epochs count as committed before one of the leader's own epoch is "
         "(KAFKA-12619)"},
        {"persist_vote",
         "off",
         {Part::Raft, Part::Controller},
         "a voter forgets for whom it has voted when it restarts, and votes twice in an epoch"},
        {"consumer_truncation_check",
         "off",
         {Part::Consumers},
         "a consumer does not ask whether the log still has what it has read (KIP-320)"},
        {"require_member_id",
         "off",
         {Part::All, Part::Groups},
         "a member that asks again to join becomes one more member (KIP-394)"},
        {"commit_fencing",
         "none",
         {Part::Groups, Part::Consumers},
         "the coordinator takes commits of members that it has struck off"},
        {"offsets_load",
         "partial",
         {Part::Groups, Part::Consumers},
         "a new coordinator keeps only what its last read of __consumer_offsets held (KAFKA-5600)"},
        {"commit_ack",
         "leader",
         {Part::Groups, Part::Consumers},
         "a commit counts before followers have it, and is lost with its coordinator"},
    };
    return rows;
}

// A run of another version may have other checks.
CheckRow row_of(std::string_view check) {
    const auto* const found = std::find_if(std::begin(kChecks), std::end(kChecks),
                                           [&](const CheckRow& row) { return row.check == check; });
    return found == std::end(kChecks)
               ? CheckRow{check, Part::Replication, "what this check watches"}
               : *found;
}

bool concerns(const SwitchRow& row, Part part) {
    return part == Part::All ||
           std::find(row.parts.begin(), row.parts.end(), part) != row.parts.end();
}

void permit(CheckCauses& out, std::string text, EventNumber i) {
    out.permits.push_back({Origin::Setting, std::move(text), i});
}

void add_switches(const Case& c, const CheckFinding& finding, Part part, CheckCauses& out) {
    for (const SwitchRow& row : switch_rows()) {
        const SwitchFact* const fact = c.facts.switched(row.name);
        if (fact == nullptr || fact->value != row.value)
            continue;
        const bool election =
            has(finding.detail, "elected controller") || has(finding.detail, "elections");
        if (row.by_default ? election : concerns(row, part)) {
            permit(out,
                   fmt::format("switch {} = {} ({}): {}", row.name, row.value,
                               fact->is_default ? "as in Kafka 3.9" : "Kafka 3.9 has another",
                               row.effect),
                   {});
        }
    }
}

void strand(CheckCauses& out, std::string title, const Event* event) {
    const bool told = std::any_of(out.strands.begin(), out.strands.end(),
                                  [&](const Side& side) { return side.event == event; });
    if (event != nullptr && !told)
        out.strands.push_back({std::move(title), event});
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
    const NamedSetting setting = c.facts.of_topic(p.topic, "unclean.leader.election.enable");
    const Event* const asked = fault_on(c, *elected, p.topic, {"elect-unclean"});
    if (asked != nullptr && (setting.is_default || setting.value == "false")) {
        out.permits.push_back(
            {Origin::Fault, fault_words(c.facts, *as<FaultStarted>(*asked)), asked->i});
        return;
    }
    permit(out,
           setting.text() +
               ": a replica from outside of the ISR may lead, and what it lacks is "
               "lost",
           elected->i);
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
    }
    const Event* const change = change_before(c, acked.i, ack.p);
    if (change == nullptr || changed(*change).isr.size() >= changed(*change).replicas.size())
        return;
    const std::size_t isr = changed(*change).isr.size();
    strand(out,
           fmt::format("why only broker {} had to have the record when it was acknowledged",
                       broker_list(changed(*change).isr)),
           change);
    const NamedSetting min_isr = c.facts.of_topic(ack.p.topic, "min.insync.replicas");
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
            const auto [at, fresh] = first.try_emplace(event.n.text(), &event);
            if (fresh || as<RaftVote>(*at->second)->candidate == vote->candidate)
                continue;
            strand(out, fmt::format("{} votes for two in epoch {}", event.n.text(), epoch), &event);
            strand(out, "its restart between the two votes",
                   c.trace.last<NodeStarted>(event.i, [&](const Event& other, const auto&) {
                       return other.n == event.n && other.i > at->second->i;
                   }));
        }
    }
}

// Who should have acted, and what keeps it from doing so.
void tell_outage(const Case& c,
                 const CheckFinding& finding,
                 const Mentions& mentions,
                 CheckCauses& out) {
    const EventNumber end(finding.i.value() + 1);
    for (const TopicPartition& p : mentions.partitions) {
        const Event* const change = change_before(c, end, p);
        if (change == nullptr)
            continue;
        const PartitionChanged& state = changed(*change);
        if (!state.leader) {
            strand(out, "why nobody leads " + p.to_string(), change);
        } else if (const Trouble* const d =
                       c.troubles.latest({NodeName::broker(*state.leader).text()}, finding.t)) {
            strand(out, fmt::format("what befell broker {}, its leader", state.leader->value()),
                   d->event);
        }
    }
    if (const Trouble* const d = c.troubles.latest(controllers(c), finding.t))
        strand(out, "what befell the controllers", d->event);
    strand(out, "the newest controller",
           c.trace.last<ControllerElected>(end, [](const auto&, const auto&) { return true; }));
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
        for (const std::string& node : mentions.nodes)
            strand(out, "why it joins again", joined_again(c, finding, node));
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

void tell_permitted(const CheckFinding& finding, CheckCauses& out) {
    const std::size_t at = finding.detail.rfind("; permitted: ");
    if (at == std::string::npos || !out.permits.empty())
        return;
    const std::string why = finding.detail.substr(at + 13);
    permit(out, "the settings permit it: " + why, {});
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

}  // namespace

CheckCauses causes_of(const Case& c, const CheckFinding& finding) {
    const Mentions mentions = mentions_of(c, finding.detail);
    const CheckRow row = row_of(finding.check);
    CheckCauses out;
    const Event* const breaking = breaking_event(c, finding);
    const bool liveness = finding.check == "liveness" || finding.check == "availability";
    const bool outage = liveness || finding.check == "replicas-converge";
    if (breaking != nullptr && !liveness)
        strand(out, "the event that broke the rule", breaking);
    if (outage)
        tell_outage(c, finding, mentions, out);
    if (row.part == Part::Replication || row.part == Part::Producers ||
        row.part == Part::Consumers || row.part == Part::Storage)
        tell_replication(c, finding, mentions, out);
    if (row.part == Part::Raft)
        tell_votes(c, mentions, out);
    if (row.part == Part::Groups || row.part == Part::Consumers || row.part == Part::All)
        tell_groups(c, finding, mentions, out);
    if (out.strands.empty())
        strand(out, "", latest_about(c, finding, mentions));
    add_switches(c, finding, row.part, out);
    tell_permitted(finding, out);
    const bool unclean_matters = row.part == Part::Raft && !mentions.partitions.empty();
    if (unclean_matters)
        add_unclean(c, finding, mentions.partitions.front(), out);
    out.blame = fmt::format(
        "No setting and no switch of this run permits it: event {} breaks the rule by itself, "
        "which is a bug in {}. What led there, the chains above tell.",
        finding.i.value(), row.blame);
    return out;
}

}  // namespace bsim::why
