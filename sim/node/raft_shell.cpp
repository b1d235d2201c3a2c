#include "sim/node/raft_shell.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "sim/node/request_costs.h"

namespace bsim {
namespace {

RaftRoleName trace_name(kraft::RoleKind role, bool voter) {
    switch (role) {
        case kraft::RoleKind::Unattached:
            return RaftRoleName::Unattached;
        case kraft::RoleKind::Candidate:
            return RaftRoleName::Candidate;
        case kraft::RoleKind::Leader:
            return RaftRoleName::Leader;
        case kraft::RoleKind::Follower:
            return voter ? RaftRoleName::Follower : RaftRoleName::Observer;
        case kraft::RoleKind::Resigned:
            return RaftRoleName::Resigned;
        case kraft::RoleKind::Prospective:
            return RaftRoleName::Prospective;
    }
    return RaftRoleName::Unattached;
}

bool grants_snapshot(const kraft::RaftEffects& effects) {
    return std::any_of(effects.begin(), effects.end(), [](const kraft::RaftEffect& effect) {
        return std::holds_alternative<kraft::CreateSnapshot>(effect);
    });
}

}  // namespace

RaftShell::RaftShell(const Parts& parts, const kraft::RaftConfig& config)
    : process_(parts.process),
      disk_(parts.disk),
      log_(parts.log),
      voter_address_(parts.cluster.controller_address),
      identity_(parts.cluster.quorum()),
      config_(config),
      node_(config),
      client_(parts.process, "raft-client-" + std::to_string(config.id.value()), parts.setup),
      alarm_(parts.process, [this] { feed(kraft::TimerFired{}); }),
      election_draws_(process_.env().rng.stream("raft/" + process_.name().text() + "/election")),
      backoff_draws_(process_.env().rng.stream("raft/" + process_.name().text() + "/backoff")),
      bootstrap_draws_(process_.env().rng.stream("raft/" + process_.name().text() + "/bootstrap")) {
}

void RaftShell::start() {
    feed(kraft::Started{log_.read_election()});
}

void RaftShell::serve(RpcServer& server, const RequestRef& request, const wire::RequestBody& body) {
    auto message = kraft::from_wire(body);
    if (!message)
        return server.disconnect(request);
    const kraft::RequestId id(next_request_++);
    served_.emplace(id, Served{&server, request});
    feed(kraft::RequestReceived{id, std::move(*message)});
}

void RaftShell::prepare(LeaderEpoch epoch, const std::vector<wire::VersionedRecord>& records) {
    kraft::RecordsPrepared prepared;
    prepared.epoch = epoch;
    for (const wire::VersionedRecord& record : records) {
        prepared.values.emplace_back(SharedBytes(wire::encode_metadata_record(record)));
    }
    feed(std::move(prepared));
}

Offset RaftShell::next_append_offset() const {
    Offset next = node_.next_append_offset();
    for (const auto& [input, cause] : inputs_) {
        const auto* prepared = std::get_if<kraft::RecordsPrepared>(&input);
        if (prepared != nullptr && prepared->epoch == node_.leading_epoch()) {
            next = next + static_cast<std::int64_t>(prepared->values.size());
        }
    }
    return next;
}

void RaftShell::shut_down(std::function<void()> done) {
    shut_down_ = std::move(done);
    feed(kraft::ShutdownRequested{seconds(5)});
}

void RaftShell::feed(kraft::RaftInput input) {
    inputs_.emplace_back(std::move(input), process_.cause());
    drain();
}

// Carries out what is left of the last step, then steps again, until something must wait.
void RaftShell::drain() {
    if (draining_)
        return;
    draining_ = true;
    while (!busy_) {
        if (next_effect_ < effects_.size()) {
            CauseScope scope(process_.env().tracer, effects_cause_);
            const kraft::RaftEffect effect = std::move(effects_[next_effect_++]);
            std::visit([this](const auto& e) { carry_out(e); }, effect);
            continue;
        }
        kraft::RaftInput input;
        if (log_answer_) {
            input = *std::exchange(log_answer_, std::nullopt);
            if (flushing_)
                log_.note_flushed(*std::exchange(flushing_, std::nullopt));
        } else if (!inputs_.empty() && !std::exchange(charged_, true)) {
            Cpu& cpu = process_.cpu();
            const SimDuration waking =
                std::exchange(idle_, false) ? cpu.wake_rare_thread() : SimDuration(0);
            block_for(waking + cpu.work(raft_event_cost()));
            continue;
        } else if (!inputs_.empty()) {
            charged_ = false;
            input = std::move(inputs_.front().first);
            effects_cause_ = inputs_.front().second;
            inputs_.pop_front();
        } else {
            idle_ = true;
            break;
        }
        effects_.clear();
        next_effect_ = 0;
        node_.step(context(), input, effects_);
        if (std::holds_alternative<kraft::SnapshotWanted>(input) && !grants_snapshot(effects_))
            snapshot_keeper_->refused();
    }
    draining_ = false;
}

void RaftShell::block_for(SimDuration time) {
    if (time <= SimDuration(0))
        return;
    busy_ = true;
    process_.after(time, [this] { go_on(); });
}

void RaftShell::block_until(const DiskTicket& ticket) {
    busy_ = true;
    disk_.when_done(process_, ticket, [this] { go_on(); });
}

void RaftShell::go_on() {
    if (stopped_)
        return;
    busy_ = false;
    drain();
}

kraft::RaftContext RaftShell::context() {
    const kraft::RaftDraws draws{election_draws_.bits(), backoff_draws_.bits(),
                                 bootstrap_draws_.bits()};
    return {process_.now(), process_.wall_now(), log_, draws};
}

void RaftShell::carry_out(const kraft::PersistQuorumState& effect) {
    log_.write_election(effect.state, config_.voters);
    block_until(disk_.settle(process_.now()));
}

void RaftShell::carry_out(const kraft::AssignLeaderEpoch& effect) {
    log_.assign_epoch(effect.epoch);
    block_until(disk_.settle(process_.now()));
}

void RaftShell::carry_out(const kraft::AppendBatches& effect) {
    for (const kraft::LeaderBatch& batch : effect.batches)
        log_.append(batch);
    log_answer_ = kraft::Appended{};
    block_until(disk_.settle(process_.now()));
}

void RaftShell::carry_out(const kraft::AppendFetched& effect) {
    log_.append_fetched(effect.records);
    log_answer_ = kraft::Appended{};
    block_until(disk_.settle(process_.now()));
}

void RaftShell::carry_out(const kraft::Truncate& effect) {
    log_.truncate(effect.to);
    log_answer_ = kraft::Truncated{};
    block_until(disk_.settle(process_.now()));
}

void RaftShell::carry_out(const kraft::Flush& /*effect*/) {
    flushing_ = log_.flush();
    log_answer_ = kraft::Flushed{};
    block_until(disk_.settle(process_.now()));
}

// The state machines' thread writes it: the Raft thread does not wait for the device.
void RaftShell::carry_out(const kraft::CreateSnapshot& effect) {
    snapshot_keeper_->write(effect.id);
    static_cast<void>(disk_.settle(process_.now()));
}

void RaftShell::carry_out(const kraft::StartFetchedSnapshot& effect) {
    log_.snapshot_files().start_fetched(effect.id);
    block_until(disk_.settle(process_.now()));
}

void RaftShell::carry_out(const kraft::AppendFetchedSnapshot& effect) {
    log_.snapshot_files().append_fetched(effect.id, effect.bytes.view());
    block_until(disk_.settle(process_.now()));
}

void RaftShell::carry_out(const kraft::DropFetchedSnapshot& effect) {
    log_.snapshot_files().drop_fetched(effect.id);
}

void RaftShell::carry_out(const kraft::InstallSnapshot& effect) {
    log_.install_snapshot(effect.id);
    log_answer_ = kraft::SnapshotInstalled{};
    block_until(disk_.settle(process_.now()));
}

void RaftShell::carry_out(const kraft::DeleteBeforeSnapshot& effect) {
    log_.delete_before_snapshot(effect.id);
    log_answer_ = kraft::PrefixDeleted{};
    block_until(disk_.settle(process_.now()));
}

void RaftShell::carry_out(const kraft::AdvanceHw& effect) {
    if (node_.leading_epoch())
        process_.emit(RaftHw{effect.hw, effect.epoch});
    log_.raise_hw(effect.hw);
    if (kraft::must_load_snapshot(log_, handed_out_, effect.hw))
        load_latest_snapshot();
    const Offset from = handed_out_.value_or(log_.start_offset());
    log_.replay(from, effect.hw, [this](const MetadataLog::Batch& batch) {
        handed_out_ = batch.last_offset + 1;
        for (RaftListener* listener : listeners_)
            listener->committed(batch);
    });
    for (RaftListener* listener : listeners_)
        listener->caught_up(effect.hw);
}

void RaftShell::load_latest_snapshot() {
    const kraft::OffsetAndEpoch id = *kraft::latest_snapshot(log_);
    const auto records = log_.snapshot_files().records(id);
    for (RaftListener* listener : listeners_)
        listener->snapshot_loaded(id, records);
    handed_out_ = id.offset;
}

void RaftShell::carry_out(const kraft::RoleChanged& effect) {
    process_.emit(
        RaftRole{trace_name(effect.role, config_.is_voter()), effect.epoch, effect.leader});
}

void RaftShell::carry_out(const kraft::AnnounceLeader& effect) {
    for (RaftListener* listener : listeners_)
        listener->leader_changed(effect.epoch, effect.leader);
}

void RaftShell::carry_out(const kraft::VoteCast& effect) {
    process_.emit(RaftVote{effect.candidate, effect.epoch, effect.granted, effect.pre});
}

void RaftShell::carry_out(const kraft::SendRequest& effect) {
    const BrokerId to = effect.to;
    const kraft::CorrelationId correlation = effect.correlation;
    client_.send(voter_address_(to), kraft::to_wire(effect.body, identity_),
                 config_.request_timeout, [this, to, correlation](RpcClient::Answer answer) {
                     std::optional<kraft::RaftResponse> response;
                     if (answer.ok())
                         response = kraft::from_wire(*answer);
                     if (!response)
                         return feed(kraft::RequestFailed{to, correlation});
                     feed(kraft::ResponseReceived{to, correlation, std::move(*response)});
                 });
}

void RaftShell::carry_out(const kraft::Reply& effect) {
    const auto node = served_.extract(effect.request);
    BSIM_CHECK(!node.empty());
    SharedBytes records;
    if (const auto* fetch = std::get_if<kraft::FetchAnswer>(&effect.body)) {
        if (fetch->read_from)
            records = log_.read(*fetch->read_from);
    } else if (const auto* piece = std::get_if<kraft::FetchSnapshotAnswer>(&effect.body)) {
        if (piece->snapshot) {
            records =
                log_.snapshot_files().read(*piece->snapshot, piece->position, piece->max_bytes);
        }
    }
    node.mapped().server->answer(node.mapped().request,
                                 kraft::to_wire(effect.body, records, identity_));
}

void RaftShell::carry_out(const kraft::ArmTimer& effect) {
    alarm_.set(effect.at);
}

void RaftShell::carry_out(const kraft::ShutdownCompleted& /*effect*/) {
    if (shut_down_)
        std::exchange(shut_down_, nullptr)();
}

// As Kafka's fault handler does: the process ends on the spot.
void RaftShell::carry_out(const kraft::Halt& /*effect*/) {
    stop();
    process_.after(SimDuration(0), [this] { process_.kill(process_.cause()); });
}

}  // namespace bsim
