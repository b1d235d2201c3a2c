#include "tests/unit/protocol/kraft_describe.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/protocol/kraft/raft_node.h"
#include "tests/unit/protocol/kraft_log.h"

namespace bsim::kraft {

namespace {

std::string text(const std::optional<BrokerId>& id) {
    return id ? std::to_string(id->value()) : "-";
}
std::string text(const std::optional<Offset>& offset) {
    return offset ? std::to_string(offset->value()) : "-";
}
std::string text(const AnswerHead& head) {
    return fmt::format("{} epoch={} leader={}", wire::name(head.error), head.epoch.value(),
                       text(head.leader));
}
std::string text(const std::optional<OffsetAndEpoch>& end) {
    return end ? fmt::format("{}@{}", end->offset.value(), end->epoch.value()) : "-";
}
std::vector<std::int32_t> numbers(const std::vector<BrokerId>& ids) {
    std::vector<std::int32_t> found;
    for (const BrokerId id : ids)
        found.push_back(id.value());
    return found;
}
std::string text(const std::vector<ReplicaStanding>& replicas) {
    const auto ms = [](const std::optional<WallMs>& at) {
        return at ? std::to_string(at->value()) + "ms" : std::string("-");
    };
    std::vector<std::string> parts;
    for (const ReplicaStanding& r : replicas) {
        parts.push_back(fmt::format("{}: end={} fetched={} caught-up={}", r.replica.id.value(),
                                    text(r.end), ms(r.last_fetch), ms(r.last_caught_up)));
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

struct Describe {
    std::string operator()(const FetchRequest& r) const {
        return fmt::format("fetch epoch={} offset={} last={}", r.current_epoch.value(),
                           r.fetch_offset.value(), r.last_fetched_epoch.value());
    }
    std::string operator()(const FetchSnapshotRequest& r) const {
        return fmt::format("fetch-snapshot epoch={} snapshot={} position={}",
                           r.current_epoch.value(), text(std::optional(r.snapshot)), r.position);
    }
    std::string operator()(const VoteRequest& r) const {
        return fmt::format("{} epoch={} log={}", r.pre_vote ? "pre-vote" : "vote", r.epoch.value(),
                           text(std::optional(r.log_end)));
    }
    std::string operator()(const DescribeQuorumRequest&) const { return "describe-quorum"; }
    std::string operator()(const BeginQuorumEpochRequest& r) const {
        return fmt::format("begin-quorum-epoch epoch={}", r.epoch.value());
    }
    std::string operator()(const EndQuorumEpochRequest& r) const {
        std::vector<std::int32_t> preferred;
        for (const ReplicaKey& key : r.preferred)
            preferred.push_back(key.id.value());
        return fmt::format("end-quorum-epoch epoch={} preferred={}", r.epoch.value(), preferred);
    }
    std::string operator()(const FetchAnswer& a) const {
        if (a.snapshot) {
            return fmt::format("fetch {} hw={} snapshot={}", text(a.head), text(a.hw),
                               text(a.snapshot));
        }
        return fmt::format("fetch {} hw={} diverging={} from={}", text(a.head), text(a.hw),
                           text(a.diverging), text(a.read_from));
    }
    std::string operator()(const FetchSnapshotAnswer& a) const {
        return fmt::format("fetch-snapshot {} snapshot={} size={} position={} max={}", text(a.head),
                           text(a.snapshot), a.size, a.position, a.max_bytes);
    }
    std::string operator()(const DescribeQuorumAnswer& a) const {
        return fmt::format("describe-quorum {} hw={} voters=[{}] observers=[{}]", text(a.head),
                           text(a.hw), text(a.voters), text(a.observers));
    }
    std::string operator()(const VoteResponse& a) const {
        return fmt::format("vote {} granted={}", text(a.head), a.granted);
    }
    std::string operator()(const BeginQuorumEpochResponse& a) const {
        return "begin-quorum-epoch " + text(a.head);
    }
    std::string operator()(const EndQuorumEpochResponse& a) const {
        return "end-quorum-epoch " + text(a.head);
    }

    std::string operator()(const PersistQuorumState& e) const {
        const auto voted = e.state.voted ? std::optional(e.state.voted->id) : std::nullopt;
        return fmt::format("persist epoch={} leader={} voted={}", e.state.epoch.value(),
                           text(e.state.leader), text(voted));
    }
    std::string operator()(const AssignLeaderEpoch& e) const {
        return fmt::format("assign-epoch {}", e.epoch.value());
    }
    std::string operator()(const AppendBatches& e) const {
        std::vector<std::string> parts;
        for (const LeaderBatch& batch : e.batches) {
            if (const auto* change = std::get_if<LeaderChangeBatch>(&batch)) {
                parts.push_back(fmt::format("base={} epoch={} leader-change voters={} granting={}",
                                            change->base.value(), change->epoch.value(),
                                            numbers(change->voters), numbers(change->granting)));
                continue;
            }
            const auto& records = std::get<RecordsBatch>(batch);
            std::vector<std::string_view> values;
            for (const SharedBytes& value : records.values)
                values.push_back(as_text(value.view()));
            parts.push_back(fmt::format("base={} epoch={} at={} {}", records.base.value(),
                                        records.epoch.value(), records.timestamp.value(),
                                        fmt::join(values, " ")));
        }
        return fmt::format("append {}", fmt::join(parts, " | "));
    }
    std::string operator()(const AppendFetched& e) const {
        const auto batches = decode_batches(e.records.view());
        return fmt::format("append-fetched {}..{}", batches.front().base.value(),
                           batches.back().end().value());
    }
    std::string operator()(const Truncate& e) const {
        return fmt::format("truncate to={}", e.to.value());
    }
    std::string operator()(const Flush&) const { return "flush"; }
    std::string operator()(const CreateSnapshot& e) const {
        return "create-snapshot " + text(std::optional(e.id));
    }
    std::string operator()(const StartFetchedSnapshot& e) const {
        return "start-fetched-snapshot " + text(std::optional(e.id));
    }
    std::string operator()(const AppendFetchedSnapshot& e) const {
        return fmt::format("append-fetched-snapshot {} bytes={}", text(std::optional(e.id)),
                           e.bytes.size());
    }
    std::string operator()(const DropFetchedSnapshot& e) const {
        return "drop-fetched-snapshot " + text(std::optional(e.id));
    }
    std::string operator()(const InstallSnapshot& e) const {
        return "install-snapshot " + text(std::optional(e.id));
    }
    std::string operator()(const DeleteBeforeSnapshot& e) const {
        return "delete-before-snapshot " + text(std::optional(e.id));
    }
    std::string operator()(const AdvanceHw& e) const {
        return fmt::format("advance-hw {}", e.hw.value());
    }
    std::string operator()(const RoleChanged& e) const {
        return fmt::format("role {} epoch={} leader={}", role_name(e.role), e.epoch.value(),
                           text(e.leader));
    }
    std::string operator()(const AnnounceLeader& e) const {
        return fmt::format("announce epoch={} leader={}", e.epoch.value(), text(e.leader));
    }
    std::string operator()(const VoteCast& e) const {
        return fmt::format("{}vote-cast candidate={} epoch={} granted={}", e.pre ? "pre-" : "",
                           e.candidate.value(), e.epoch.value(), e.granted);
    }
    std::string operator()(const SendRequest& e) const {
        return fmt::format("send to={} {}", e.to.value(), std::visit(*this, e.body));
    }
    std::string operator()(const Reply& e) const { return "reply " + std::visit(*this, e.body); }
    std::string operator()(const ArmTimer& e) const {
        return "timer " + (e.at ? milliseconds_of(*e.at) : "-");
    }
    std::string operator()(const ShutdownCompleted& e) const {
        return fmt::format("shutdown-completed timed-out={}", e.timed_out);
    }
    std::string operator()(const Halt& e) const { return "halt: " + e.why; }
};

}  // namespace

std::string milliseconds_of(SimTime at) {
    const std::int64_t us = at.ns() / 1000;
    return us % 1000 == 0 ? fmt::format("{}ms", us / 1000) : fmt::format("{}us", us);
}

std::string describe(const RaftEffect& effect) {
    return std::visit(Describe{}, effect);
}

}  // namespace bsim::kraft
