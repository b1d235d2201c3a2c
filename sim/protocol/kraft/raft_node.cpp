#include "sim/protocol/kraft/raft_node.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"

namespace bsim::kraft {

const char* role_name(RoleKind kind) {
    switch (kind) {
        case RoleKind::Unattached:
            return "unattached";
        case RoleKind::Candidate:
            return "candidate";
        case RoleKind::Leader:
            return "leader";
        case RoleKind::Follower:
            return "follower";
        case RoleKind::Resigned:
            return "resigned";
        case RoleKind::Prospective:
            return "prospective";
    }
    return "";
}

RaftNode::RaftNode(RaftConfig config)
    : config_(std::move(config)),
      requests_(config_.others(), config_.retry_backoff, config_.request_timeout) {
    BSIM_CHECK(!config_.voters.empty());
    BSIM_CHECK(std::is_sorted(config_.voters.begin(), config_.voters.end()));
}

RoleKind RaftNode::role() const {
    static_assert(std::is_same_v<std::variant_alternative_t<0, Role>, Unattached>);
    static_assert(std::is_same_v<std::variant_alternative_t<5, Role>, Prospective>);
    return static_cast<RoleKind>(role_.index());
}

LeaderEpoch RaftNode::epoch() const {
    return election().epoch;
}
std::optional<BrokerId> RaftNode::leader() const {
    return election().leader;
}

std::optional<Offset> RaftNode::high_watermark() const {
    return std::visit(
        [](const auto& role) -> std::optional<Offset> {
            if constexpr (requires { role.hw; }) {
                return role.hw;
            } else {
                return std::nullopt;
            }
        },
        role_);
}

std::optional<LeaderEpoch> RaftNode::leading_epoch() const {
    if (const auto* role = std::get_if<Leader>(&role_))
        return role->epoch;
    return std::nullopt;
}

Offset RaftNode::next_append_offset() const {
    const auto* role = std::get_if<Leader>(&role_);
    BSIM_CHECK(role != nullptr);
    return role->accumulator.next_offset();
}

void RaftNode::step(const RaftContext& context, const RaftInput& in, RaftEffects& out) {
    if (ended_)
        return;
    BSIM_CHECK(started_ != std::holds_alternative<Started>(in));
    started_ = true;
    const Step step{context, out};
    std::visit([&](const auto& input) { on(step, input); }, in);
    poll(step);
}

void RaftNode::on(const Step& step, const Started& in) {
    log_hw_ = step.context.log.start_offset();
    next_clean_ = step.now() + config_.clean_interval;
    const ElectionState stored = in.stored.value_or(ElectionState{});
    durable_transition(step, initial_role(step, stored));
    if (role() == RoleKind::Candidate)
        after_becoming_candidate(step);
    // There is nobody to wait for.
    if (config_.is_only_voter() && role() != RoleKind::Candidate && role() != RoleKind::Leader)
        stand_for_election(step);
}

void RaftNode::on(const Step& step, const RequestReceived& in) {
    BSIM_CHECK(awaiting_ == Awaiting::Nothing);
    std::visit([&](const auto& request) { receive(step, in.request, request); }, in.body);
}

void RaftNode::on(const Step& step, const ResponseReceived& in) {
    BSIM_CHECK(awaiting_ == Awaiting::Nothing);
    if (!requests_.is_expected(in.from, in.correlation))
        return;
    const bool success =
        std::visit([&](const auto& body) { return handle(step, in.from, body); }, in.body);
    requests_.on_result(in.from, in.correlation, success, step.now());
}

void RaftNode::on(const Step& step, const RequestFailed& in) {
    BSIM_CHECK(awaiting_ == Awaiting::Nothing);
    requests_.on_result(in.to, in.correlation, false, step.now());
}

void RaftNode::on(const Step& step, const RecordsPrepared& in) {
    auto* leader = std::get_if<Leader>(&role_);
    if (leader == nullptr || leader->epoch != in.epoch)
        return;
    leader->accumulator.append(in.values, step.now(), step.context.wall);
}

void RaftNode::on(const Step& step, const Appended&) {
    BSIM_CHECK(std::exchange(awaiting_, Awaiting::Nothing) == Awaiting::Appended);
    if (auto* leader = std::get_if<Leader>(&role_)) {
        // The end counts before the flush, so that waiting fetches return sooner.
        const Offset end = step.context.log.end_offset();
        if (leader->update_local_end(end))
            raise_leader_hw(step, *leader);
        for (FetchPurgatory::Parked& fetch : parked_.take_up_to(end)) {
            step.emit(Reply{fetch.id, answer_fetch(step, fetch.request)});
        }
        step.emit(Flush{});
        awaiting_ = Awaiting::Flushed;
    } else if (config_.is_voter() || config_.always_flush) {
        step.emit(Flush{});
        awaiting_ = Awaiting::Flushed;
    } else {
        fetched_records_are_in_log(step);
    }
}

void RaftNode::on(const Step&, const Truncated&) {
    BSIM_CHECK(std::exchange(awaiting_, Awaiting::Nothing) == Awaiting::Truncated);
}

void RaftNode::on(const Step& step, const Flushed&) {
    BSIM_CHECK(std::exchange(awaiting_, Awaiting::Nothing) == Awaiting::Flushed);
    if (role() == RoleKind::Follower)
        fetched_records_are_in_log(step);
}

void RaftNode::on(const Step& step, const SnapshotInstalled&) {
    BSIM_CHECK(std::exchange(awaiting_, Awaiting::Nothing) == Awaiting::SnapshotInstalled);
    const OffsetAndEpoch id = *std::exchange(installing_, std::nullopt);
    BSIM_CHECK(step.log_end() == id && step.context.log.start_offset() == id.offset);
    raise_follower_hw(step, std::get<Follower>(role_), id.offset);
}

void RaftNode::on(const Step&, const PrefixDeleted&) {
    BSIM_CHECK(std::exchange(awaiting_, Awaiting::Nothing) == Awaiting::PrefixDeleted);
}

void RaftNode::on(const Step& step, const SnapshotWanted& in) {
    const LogView& log = step.context.log;
    const bool is_committed = in.id.offset <= log_hw_;
    if (in.id.offset < log.start_offset() || !is_committed || find_snapshot(log, in.id) != nullptr)
        return;
    if (validate_end(log, in.id).standing == Standing::Valid)
        step.emit(CreateSnapshot{in.id});
}

void RaftNode::on(const Step&, const TimerFired&) {
    armed_.reset();
}

void RaftNode::on(const Step&, const ResignRequested& in) {
    auto* leader = std::get_if<Leader>(&role_);
    if (leader != nullptr && leader->epoch == in.epoch)
        leader->resign_requested = true;
}

void RaftNode::on(const Step& step, const ShutdownRequested& in) {
    if (!shutdown_deadline_)
        shutdown_deadline_ = step.now() + in.timeout;
}

void RaftNode::fetched_records_are_in_log(const Step& step) {
    auto* follower = std::get_if<Follower>(&role_);
    const std::optional<Offset> leader_hw = std::exchange(fetched_hw_, std::nullopt);
    if (follower == nullptr || !leader_hw)
        return;
    raise_follower_hw(step, *follower, std::min(*leader_hw, step.context.log.end_offset()));
}

void RaftNode::raise_follower_hw(const Step& step, Follower& follower, Offset hw) {
    if (follower.hw && hw < *follower.hw)
        return halt(step, "the high watermark fell");
    if (follower.hw == hw)
        return;
    follower.hw = hw;
    log_hw_ = std::max(log_hw_, hw);
    step.emit(AdvanceHw{hw, follower.epoch});
}

void RaftNode::raise_leader_hw(const Step& step, const Leader& leader) {
    log_hw_ = std::max(log_hw_, *leader.hw);
    step.emit(AdvanceHw{*leader.hw, leader.epoch});
    announce(step);
}

void RaftNode::halt(const Step& step, const char* why) {
    ended_ = true;
    step.emit(Halt{why});
}

}  // namespace bsim::kraft
