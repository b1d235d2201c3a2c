#include "sim/report/why/permits.h"

#include <algorithm>
#include <fmt/format.h>

namespace bsim::why {
namespace {

struct SwitchRow {
    std::string_view name;
    std::string_view value;  // that permits violations
    std::vector<Part> parts;
    std::string_view effect;
    std::string_view shows;   // a kind of events by which it shows
    bool by_default = false;  // Kafka 3.9 has this value
};

const std::vector<SwitchRow>& switch_rows() {
    static const std::vector<SwitchRow> rows = {
        {"truncation",
         "high_watermark",
         {Part::Replication, Part::Consumers, Part::Producers},
         "a follower cuts its log to its own high watermark, which lags behind, instead of where "
         "the leader's epochs say (KIP-101)",
         "LogTruncated"},
        {"pre_vote",
         "off",
         {Part::All},
         "a voter that was cut off raises the epoch without asking whether it can win, and deposes "
         "a healthy leader (KIP-996, Kafka 4.0)",
         "RaftRole",
         true},
        {"leader_resign_on_no_fetch",
         "off",
         {Part::Raft, Part::Controller, Part::All},
         "a leader that no majority of the voters fetches from goes on as if it led (KAFKA-15489)",
         ""},
        {"commit_own_epoch_only",
         "off",
         {Part::Raft, Part::Controller, Part::Replication},
         "records of earlier epochs count as committed before one of the leader's own epoch is "
         "(KAFKA-12619)",
         ""},
        {"persist_vote",
         "off",
         {Part::Raft, Part::Controller},
         "a voter forgets for whom it has voted when it restarts, and votes twice in an epoch",
         "RaftVote"},
        {"consumer_truncation_check",
         "off",
         {Part::Consumers},
         "a consumer does not ask whether the log still has what it has read (KIP-320)",
         "PositionReset"},
        {"require_member_id",
         "off",
         {Part::All, Part::Groups},
         "a member that asks again to join becomes one more member (KIP-394)",
         "MemberJoined"},
        {"commit_fencing",
         "none",
         {Part::Groups, Part::Consumers},
         "the coordinator takes commits of members that it has struck off",
         "OffsetCommitted"},
        {"offsets_load",
         "partial",
         {Part::Groups, Part::Consumers},
         "a new coordinator keeps only what its last read of __consumer_offsets held (KAFKA-5600)",
         "GroupMoved"},
        {"commit_ack",
         "leader",
         {Part::Groups, Part::Consumers},
         "a commit counts before followers have it, and is lost with its coordinator",
         ""},
    };
    return rows;
}

TrueCause told(const SwitchRow& row, const SwitchFact& fact, EventNumber i) {
    return {Origin::Setting,
            fmt::format("switch {} = {} ({}): {}", row.name, row.value,
                        fact.is_default ? "as in Kafka 3.9" : "Kafka 3.9 has another", row.effect),
            i};
}

// The row's switch, if it has the value that permits something.
const SwitchFact* in_force(const Case& c, const SwitchRow& row) {
    const SwitchFact* const fact = c.facts.switched(row.name);
    return fact != nullptr && fact->value == row.value ? fact : nullptr;
}

bool concerns(const SwitchRow& row, Part part) {
    return part == Part::All ||
           std::find(row.parts.begin(), row.parts.end(), part) != row.parts.end();
}

// Another voter raised the epoch while the leader of the one before was up and running.
bool deposed(const Case& c, const WhyChain& chain, std::size_t step) {
    const Event& e = *chain.steps[step].event;
    const auto* const role = as<RaftRole>(e);
    if (role == nullptr || step + 1 >= chain.steps.size() || role->leader)
        return false;
    const Event& next = *chain.steps[step + 1].event;
    const auto* const raised = as<RaftRole>(next);
    if (raised == nullptr || next.n == e.n || role->role == RaftRoleName::Resigned)
        return false;
    const Event* const led = c.trace.last<RaftRole>(next.i, [](const Event&, const RaftRole& body) {
        return body.role == RaftRoleName::Leader;
    });
    if (led == nullptr || led->n == next.n)
        return false;
    return std::none_of(c.troubles.all().begin(), c.troubles.all().end(), [&](const Trouble& d) {
        return d.what != Trouble::What::Fault && d.nodes.contains(led->n.text()) && d.from <= e.t &&
               (!d.to || *d.to > e.t);
    });
}

bool is_unclean(const Case& c, const Event& e) {
    if (const auto* elected = as<LeaderElected>(e))
        return !elected->clean;
    const auto* change = as<PartitionChanged>(e);
    const Event* const before = change == nullptr ? nullptr : change_before(c, e.i, change->p);
    if (before == nullptr || !change->leader || change->reason == "created")
        return false;
    const PartitionChanged& old = changed(*before);
    return change->leader != old.leader && !contains(old.isr, *change->leader) &&
           !contains(old.elr, *change->leader);
}

}  // namespace

std::vector<TrueCause> switches_for(const Case& c, Part part, const std::string& detail) {
    std::vector<TrueCause> out;
    const bool election = has(detail, "elected controller") || has(detail, "elections");
    for (const SwitchRow& row : switch_rows()) {
        const SwitchFact* const fact = in_force(c, row);
        if (fact != nullptr && (row.by_default ? election : concerns(row, part)))
            out.push_back(told(row, *fact, {}));
    }
    return out;
}

TrueCause unclean_permit(const Case& c, const TopicPartition& p, const Event& elected) {
    const NamedSetting setting =
        topic_setting(c, elected.t, p.topic, "unclean.leader.election.enable");
    const Event* const asked = fault_on(c, elected, p.topic, {"elect-unclean"});
    if (asked != nullptr && setting.value != "true")
        return {Origin::Fault, fault_words(c.facts, *as<FaultStarted>(*asked)), asked->i};
    return {Origin::Setting,
            setting.text() +
                ": a replica from outside of the ISR may lead, and what it lacks is "
                "lost",
            elected.i};
}

std::vector<TrueCause> permits_in(const Case& c, const std::vector<WhyChain>& chains) {
    std::vector<TrueCause> out;
    for (const WhyChain& chain : chains) {
        for (std::size_t k = 0; k < chain.steps.size(); ++k) {
            const Event& e = *chain.steps[k].event;
            if (is_unclean(c, e)) {
                const auto* elected = as<LeaderElected>(e);
                const TopicPartition& p = elected != nullptr ? elected->p : changed(e).p;
                out.push_back(unclean_permit(c, p, e));
            }
            for (const SwitchRow& row : switch_rows()) {
                const SwitchFact* const fact = in_force(c, row);
                const bool shows = fact != nullptr && row.shows == kind_of(e.body) &&
                                   (!row.by_default || deposed(c, chain, k));
                if (shows)
                    out.push_back(told(row, *fact, {}));
            }
        }
    }
    return out;
}

}  // namespace bsim::why
