#include <fmt/format.h>
#include <iterator>

#include "sim/report/why/rules.h"

namespace bsim::why {
namespace {

std::string words_of(const Case&, const Event&, const RunStarted&) {
    return "the run starts";
}
std::string words_of(const Case& c, const Event&, const FaultStarted& b) {
    return fault_words(c.facts, b);
}
std::string words_of(const Case&, const Event&, const FaultEnded& b) {
    return fmt::format("fault \"{}\" ({}) ends", b.f, b.fault);
}
std::string words_of(const Case&, const Event&, const FaultSkipped& b) {
    return fmt::format("fault \"{}\" does not strike: {}", b.f, b.why);
}
std::string words_of(const Case&, const Event& e, const NodeStarted& b) {
    return fmt::format("{} starts{}", e.n.text(), b.incarnation > Incarnation(1) ? " again" : "");
}
std::string words_of(const Case&, const Event& e, const NodeStopped& b) {
    switch (b.how) {
        case StopMode::Graceful:
            return e.n.text() + " has shut down in an orderly way";
        case StopMode::Kill:
            return e.n.text() + " is killed";
        case StopMode::Power:
            return e.n.text() + " loses power, and what its disk had not synced";
    }
    return e.n.text() + " stops";
}
std::string words_of(const Case&, const Event& e, const NodePaused&) {
    return e.n.text() + " stands still";
}
std::string words_of(const Case&, const Event& e, const NodeResumed&) {
    return e.n.text() + " goes on";
}
std::string words_of(const Case&, const Event& e, const LogDirFailed& b) {
    // The only one has no name.
    return fmt::format("{} of {} fails ({})",
                       b.dir.empty() ? "the log directory" : "log directory " + b.dir, e.n.text(),
                       b.why);
}

std::string words_of(const Case&, const Event& e, const RaftRole& b) {
    const std::string& n = e.n.text();
    const auto epoch = b.epoch.value();
    switch (b.role) {
        case RaftRoleName::Candidate:
            return fmt::format("{} stands for election in epoch {}", n, epoch);
        case RaftRoleName::Prospective:
            return fmt::format("{} asks whether it could win an election (epoch {})", n, epoch);
        case RaftRoleName::Leader:
            return fmt::format("{} leads the metadata quorum in epoch {}", n, epoch);
        case RaftRoleName::Follower:
        case RaftRoleName::Observer:
            return fmt::format("{} follows node {} in the metadata quorum, epoch {}", n,
                               b.leader ? b.leader->value() : -1, epoch);
        case RaftRoleName::Resigned:
            return fmt::format("{} resigns as leader of the metadata quorum (epoch {})", n, epoch);
        case RaftRoleName::Unattached:
        case RaftRoleName::Voted:
            return fmt::format("{} is in epoch {} of the metadata quorum, without a leader", n,
                               epoch);
    }
    return n;
}
std::string words_of(const Case& c, const Event& e, const RaftVote& b) {
    return fmt::format("{} {} {} its {}vote in epoch {}", e.n.text(),
                       b.granted ? "gives" : "refuses", node_of(c, b.candidate),
                       b.pre ? "pre-" : "", b.epoch.value());
}
std::string words_of(const Case&, const Event& e, const RaftHw& b) {
    return fmt::format("the metadata log is committed up to {} (says {}, epoch {})", b.hw.value(),
                       e.n.text(), b.epoch.value());
}
std::string words_of(const Case&, const Event& e, const ControllerElected& b) {
    return fmt::format("{} is the active controller, epoch {}", e.n.text(), b.epoch.value());
}
std::string words_of(const Case&, const Event& e, const ControllerResigned& b) {
    return fmt::format("{} is the active controller no longer (epoch {})", e.n.text(),
                       b.epoch.value());
}
std::string words_of(const Case&, const Event& e, const BrokerRegistered& b) {
    return fmt::format("{} registers broker {}", e.n.text(), b.broker.value());
}
std::string words_of(const Case&, const Event& e, const BrokerFenced& b) {
    return fmt::format("{} fences broker {} ({})", e.n.text(), b.broker.value(), b.why);
}
std::string words_of(const Case&, const Event& e, const BrokerUnfenced& b) {
    return fmt::format("{} unfences broker {}", e.n.text(), b.broker.value());
}
std::string words_of(const Case&, const Event&, const TopicCreated& b) {
    return fmt::format("topic {} is created, with {} partitions", b.topic, b.partitions);
}
std::string words_of(const Case&, const Event&, const TopicDeleted& b) {
    return fmt::format("topic {} is deleted", b.topic);
}

std::string words_of(const Case& c, const Event& e, const PartitionChanged& b) {
    const Event* const before = change_before(c, e.i, b.p);
    const std::string p = b.p.to_string();
    const std::string isr = broker_list(b.isr);
    if (before == nullptr || b.reason == "created") {
        return fmt::format("{} is created: leader {}, ISR {}", p, b.leader ? b.leader->value() : -1,
                           isr);
    }
    const PartitionChanged& old = changed(*before);
    std::string out;
    if (!b.leader && old.leader) {
        out = fmt::format("{} loses its leader, broker {}, and gets no other", p,
                          old.leader->value());
    } else if (b.leader && b.leader != old.leader) {
        const bool unclean = !contains(old.isr, *b.leader) && !contains(old.elr, *b.leader);
        out =
            fmt::format("{} {} broker {} as its leader{}{}", p,
                        old.leader ? "gets" : "gets, having had none,", b.leader->value(),
                        old.leader ? fmt::format(" instead of broker {}", old.leader->value()) : "",
                        unclean ? ", from outside of the ISR" : "");
    }
    const auto removed = without(old.isr, b.isr);
    const auto added = without(b.isr, old.isr);
    const auto tell = [&](const std::vector<BrokerId>& who, std::string_view verb) {
        if (!who.empty()) {
            fmt::format_to(std::back_inserter(out), "{}{} {}{} the ISR",
                           out.empty() ? p + ": " : "; ", brokers(who), verb,
                           who.size() == 1 ? "s" : "");
        }
    };
    tell(removed, "leave");
    tell(added, "join");
    if (out.empty())
        out = p + " changes";
    return fmt::format("{} (epoch {}, ISR {})", out, b.leader_epoch.value(), isr);
}

std::string words_of(const Case&, const Event& e, const LeaderElected& b) {
    return fmt::format(
        "{} elects broker {} leader of {}{} (epoch {}, ISR {}){}", e.n.text(), b.to.value(),
        b.p.to_string(), b.from ? fmt::format(" instead of broker {}", b.from->value()) : "",
        b.epoch.value(), broker_list(b.isr), b.clean ? "" : ", from outside of the ISR");
}
std::string words_of(const Case&, const Event& e, const BecameLeader& b) {
    return fmt::format("{} acts as leader of {} in epoch {}, from offset {} on", e.n.text(),
                       b.p.to_string(), b.epoch.value(), b.leo.value());
}
std::string words_of(const Case&, const Event& e, const BecameFollower& b) {
    return fmt::format("{} follows {} in {} in epoch {}, its log ends at {}", e.n.text(),
                       b.leader ? fmt::format("broker {}", b.leader->value()) : "nobody",
                       b.p.to_string(), b.epoch.value(), b.leo.value());
}
std::string words_of(const Case&, const Event& e, const IsrShrunk& b) {
    return fmt::format("{}, leader of {}, has ISR {} without broker {}", e.n.text(),
                       b.p.to_string(), broker_list(b.isr), broker_list(b.removed));
}
std::string words_of(const Case&, const Event& e, const IsrExpanded& b) {
    return fmt::format("{}, leader of {}, has ISR {} with broker {} again", e.n.text(),
                       b.p.to_string(), broker_list(b.isr), broker_list(b.added));
}
std::string words_of(const Case&, const Event& e, const IsrProposed& b) {
    return fmt::format("{}, leader of {}, asks the controller for ISR {}", e.n.text(),
                       b.p.to_string(), broker_list(b.isr));
}
std::string words_of(const Case&, const Event& e, const IsrProposalDropped& b) {
    return fmt::format(
        "{}, leader of {}, hears of partition epoch {} again, and forgets that it "
        "asked the controller for ISR {}",
        e.n.text(), b.p.to_string(), b.partition_epoch.value(), broker_list(b.isr));
}
std::string words_of(const Case&, const Event& e, const HwAdvanced& b) {
    return fmt::format("the high watermark of {} on {} rises to {}", b.p.to_string(), e.n.text(),
                       b.hw.value());
}
std::string words_of(const Case&, const Event& e, const LogAppended& b) {
    return fmt::format("{} appends {}..{} of epoch {} to {}", e.n.text(), b.base.value(),
                       b.last.value(), b.epoch.value(), b.p.to_string());
}
std::string words_of(const Case&, const Event& e, const LogFlushed& b) {
    return fmt::format("{} has {} on disk up to {}", e.n.text(), b.p.to_string(), b.to.value());
}
std::string words_of(const Case&, const Event& e, const LogTruncated& b) {
    return fmt::format("{} cuts its log of {} from {} to {}", e.n.text(), b.p.to_string(),
                       b.from.value(), b.to.value());
}
std::string words_of(const Case&, const Event& e, const LogStartAdvanced& b) {
    return fmt::format("the log of {} on {} starts at {} ({})", b.p.to_string(), e.n.text(),
                       b.to.value(), b.why);
}
std::string words_of(const Case&, const Event& e, const SegmentRolled& b) {
    return fmt::format("{} begins a segment of {} at {} ({})", e.n.text(), b.p.to_string(),
                       b.base.value(), b.why);
}
std::string words_of(const Case&, const Event& e, const SegmentDeleted& b) {
    return fmt::format("{} deletes the segment of {} at {} ({})", e.n.text(), b.p.to_string(),
                       b.base.value(), b.why);
}
std::string words_of(const Case&, const Event& e, const LogRecovered& b) {
    return fmt::format(
        "{} opens {}, whose log ends at {}{}", e.n.text(), b.p.to_string(), b.leo.value(),
        b.truncated_bytes > 0 ? fmt::format(", {} bytes of it were cut off", b.truncated_bytes)
                              : "");
}

std::string words_of(const Case&, const Event& e, const ProduceAcked& b) {
    return fmt::format(
        "{} is told by broker {} that {} record{} of {} at offset {} {} there "
        "(acks={})",
        e.n.text(), b.broker.value(), b.count, b.count == 1 ? "" : "s", b.p.to_string(),
        b.base.value(), b.count == 1 ? "is" : "are",
        b.acks == -1 ? std::string("all") : std::to_string(b.acks));
}
std::string words_of(const Case&, const Event& e, const ProduceFailed& b) {
    return fmt::format("{} gives up {} record{} of {}: {}, after {}", e.n.text(), b.count,
                       b.count == 1 ? "" : "s", b.p.to_string(), b.error,
                       seconds_text(b.latency_ns));
}
std::string words_of(const Case&, const Event& e, const RecordsConsumed& b) {
    return fmt::format("{} is handed {} from {} up to {}", e.n.text(), b.p.to_string(),
                       b.from.value(), b.to.value());
}
std::string words_of(const Case&, const Event& e, const PositionReset& b) {
    return fmt::format("{} reads {} from {} on ({})", e.n.text(), b.p.to_string(), b.to.value(),
                       b.why);
}
std::string words_of(const Case&, const Event& e, const ConsumeFailed& b) {
    return fmt::format("{} cannot read {} at {}: {}", e.n.text(), b.p.to_string(), b.offset.value(),
                       b.error);
}

std::string_view state_name(GroupStateName state) {
    return EnumNames<GroupStateName>::kNames[static_cast<std::size_t>(state)];
}
std::string words_of(const Case&, const Event&, const GroupState& b) {
    return fmt::format("group {} goes from {} to {}", b.group, state_name(b.from),
                       state_name(b.to));
}
std::string words_of(const Case&, const Event&, const MemberJoined& b) {
    return fmt::format("{} joins group {}", b.client, b.group);
}
std::string words_of(const Case&, const Event& e, const MemberLeft& b) {
    if (b.why == "leave")
        return fmt::format("{} leaves group {}", b.client, b.group);
    return fmt::format("{}, the coordinator, strikes {} off group {} ({})", e.n.text(), b.client,
                       b.group, b.why);
}
std::string words_of(const Case&, const Event&, const RebalanceStarted& b) {
    return fmt::format("group {} begins to rebalance after generation {}: {}", b.group,
                       b.generation.value(), b.why);
}
std::string words_of(const Case&, const Event&, const RebalanceCompleted& b) {
    return fmt::format("generation {} of group {} is in force", b.generation.value(), b.group);
}
std::string words_of(const Case&, const Event& e, const GroupMoved& b) {
    return b.loaded ? fmt::format("{} coordinates group {}, having read its offsets", e.n.text(),
                                  b.group)
                    : fmt::format("{} coordinates group {} no longer", e.n.text(), b.group);
}
std::string words_of(const Case&, const Event& e, const AssignmentChanged& b) {
    return fmt::format("{} holds {} partition{} of group {} ({})", e.n.text(), b.owned.size(),
                       b.owned.size() == 1 ? "" : "s", b.group, b.why);
}
std::string words_of(const Case&, const Event& e, const OffsetCommitted& b) {
    return fmt::format("{} accepts {} = {} for group {}, generation {}", e.n.text(),
                       b.p.to_string(), b.offset.value(), b.group, b.generation.value());
}
std::string words_of(const Case&, const Event&, const OffsetRemoved& b) {
    return fmt::format("the offset of {} in group {} is removed ({})", b.p.to_string(), b.group,
                       b.why);
}
std::string words_of(const Case&, const Event& e, const CommitFailed& b) {
    return fmt::format("{} cannot commit for group {}: {}", e.n.text(), b.group, b.error);
}
template <class Body>
std::string words_of(const Case&, const Event& e, const Body&) {
    return fmt::format("{} tells of {}", e.n.text(), Body::kKind);
}

}  // namespace

std::string words(const Case& c, const Event& e) {
    return std::visit([&](const auto& body) { return words_of(c, e, body); }, e.body);
}

std::string fault_words(const RunFacts& facts, const FaultStarted& fault) {
    std::string out = fmt::format("fault \"{}\" ({}", fault.f, fault.fault);
    const auto fact = facts.faults.find(fault.f);
    if (fact != facts.faults.end()) {
        if (!fact->second.parameters.empty())
            out += ": " + fact->second.parameters;
        if (!fact->second.when.empty())
            out += "; " + fact->second.when;
    }
    out += ") strikes";
    for (std::size_t k = 0; k < fault.targets.size(); ++k)
        out += (k == 0 ? " " : ", ") + fault.targets[k];
    return out;
}

}  // namespace bsim::why
