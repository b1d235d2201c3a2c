// The tiny coordinator of the group's world.
#include <algorithm>

#include "tests/unit/protocol/client_group_world.h"

namespace bsim::client_test {

using wire::ErrorCode;

namespace {

std::int16_t code(ErrorCode error) {
    return static_cast<std::int16_t>(error);
}

}  // namespace

void FakeGroup::join(SimTime now,
                     Waiter waiter,
                     const std::string& client,
                     const wire::JoinGroupRequest& request) {
    tick(now);
    std::string id = request.member_id;
    const auto refuse = [&](ErrorCode error) {
        wire::JoinGroupResponse response;
        response.error_code = code(error);
        response.member_id = id;
        answer_(waiter, std::move(response));
    };
    if (id.empty()) {
        id = client + "-" + std::to_string(next_id_++);
        if (!request.group_instance_id) {
            pending_.insert(id);
            return refuse(ErrorCode::MemberIdRequired);
        }
    } else if (!members_.contains(id) && pending_.erase(id) == 0) {
        return refuse(ErrorCode::UnknownMemberId);
    }
    Member& member = members_[id];
    member.client = client;
    member.request = request;
    member.deadline = now + milliseconds(request.session_timeout_ms);
    member.joining = waiter;
    if (state_ != State::Preparing)
        rebalance(now);
    tick(now);
}

void FakeGroup::rebalance(SimTime now) {
    for (auto& [id, member] : members_) {
        if (!member.syncing)
            continue;
        wire::SyncGroupResponse response;
        response.error_code = code(ErrorCode::RebalanceInProgress);
        answer_(*std::exchange(member.syncing, std::nullopt), std::move(response));
    }
    SimDuration patience;
    for (const auto& [id, member] : members_)
        patience = std::max(patience, milliseconds(member.request.rebalance_timeout_ms));
    join_deadline_ = now + (state_ == State::Empty ? initial_delay : patience);
    state_ = State::Preparing;
}

void FakeGroup::tick(SimTime now) {
    std::vector<std::string> gone;
    for (const auto& [id, member] : members_) {
        if (member.deadline <= now && !member.joining)
            gone.push_back(id);
    }
    for (const std::string& id : gone)
        remove(now, id);
    if (state_ != State::Preparing)
        return;
    const bool all = std::all_of(members_.begin(), members_.end(),
                                 [](const auto& entry) { return entry.second.joining; });
    if (*join_deadline_ <= now || (all && generation > 0))
        complete_join(now);
}

std::optional<SimTime> FakeGroup::next_tick() const {
    std::optional<SimTime> next;
    const auto consider = [&](SimTime at) { next = next ? std::min(*next, at) : at; };
    for (const auto& [id, member] : members_) {
        if (!member.joining)
            consider(member.deadline);
    }
    if (state_ == State::Preparing)
        consider(*join_deadline_);
    return next;
}

void FakeGroup::remove(SimTime now, const std::string& id) {
    members_.erase(id);
    if (members_.empty()) {
        state_ = State::Empty;
        ++generation;
    } else if (state_ != State::Preparing) {
        rebalance(now);
    }
}

void FakeGroup::complete_join(SimTime now) {
    std::erase_if(members_, [](const auto& entry) { return !entry.second.joining; });
    join_deadline_.reset();
    if (members_.empty()) {
        state_ = State::Empty;
        return;
    }
    ++generation;
    state_ = State::Completing;
    if (!members_.contains(leader_))
        leader_ = members_.begin()->first;
    protocol_ = members_.begin()->second.request.protocols.front().name;
    std::vector<wire::JoinGroupResponse::JoinGroupResponseMember> all;
    for (const auto& [id, member] : members_)
        all.push_back(
            {id, member.request.group_instance_id, member.request.protocols.front().metadata});
    for (auto& [id, member] : members_) {
        wire::JoinGroupResponse response;
        response.generation_id = generation;
        response.protocol_type = "consumer";
        response.protocol_name = protocol_;
        response.leader = leader_;
        response.member_id = id;
        if (id == leader_)
            response.members = all;
        member.deadline = now + milliseconds(member.request.session_timeout_ms);
        answer_(*std::exchange(member.joining, std::nullopt), std::move(response));
    }
}

ErrorCode FakeGroup::check(SimTime now, const std::string& id, std::int32_t theirs) {
    tick(now);
    const auto member = members_.find(id);
    if (member == members_.end())
        return ErrorCode::UnknownMemberId;
    if (theirs != generation)
        return ErrorCode::IllegalGeneration;
    member->second.deadline = now + milliseconds(member->second.request.session_timeout_ms);
    return ErrorCode::None;
}

void FakeGroup::sync(SimTime now, Waiter waiter, const wire::SyncGroupRequest& request) {
    ErrorCode error = check(now, request.member_id, request.generation_id);
    if (error == ErrorCode::None && state_ == State::Preparing)
        error = ErrorCode::RebalanceInProgress;
    if (error != ErrorCode::None) {
        wire::SyncGroupResponse response;
        response.error_code = code(error);
        return answer_(waiter, std::move(response));
    }
    members_.at(request.member_id).syncing = waiter;
    if (request.member_id == leader_) {
        for (const auto& one : request.assignments)
            members_.at(one.member_id).assignment = one.assignment;
        state_ = State::Stable;
    }
    if (state_ != State::Stable)
        return;
    for (auto& [id, member] : members_) {
        if (!member.syncing)
            continue;
        wire::SyncGroupResponse response;
        response.protocol_type = "consumer";
        response.protocol_name = protocol_;
        response.assignment = member.assignment;
        answer_(*std::exchange(member.syncing, std::nullopt), std::move(response));
    }
}

wire::HeartbeatResponse FakeGroup::heartbeat(SimTime now, const wire::HeartbeatRequest& request) {
    wire::HeartbeatResponse response;
    ErrorCode error = check(now, request.member_id, request.generation_id);
    if (error == ErrorCode::None && state_ == State::Preparing)
        error = ErrorCode::RebalanceInProgress;
    response.error_code = code(error);
    return response;
}

wire::LeaveGroupResponse FakeGroup::leave(SimTime now, const wire::LeaveGroupRequest& request) {
    for (const auto& member : request.members) {
        if (members_.contains(member.member_id))
            remove(now, member.member_id);
    }
    tick(now);
    return {};
}

wire::OffsetCommitResponse FakeGroup::commit(SimTime now,
                                             const wire::OffsetCommitRequest& request) {
    ErrorCode error = check(now, request.member_id, request.generation_id_or_member_epoch);
    if (error == ErrorCode::None && state_ == State::Completing)
        error = ErrorCode::RebalanceInProgress;
    wire::OffsetCommitResponse response;
    for (const auto& topic : request.topics) {
        auto& told = response.topics.emplace_back();
        told.name = topic.name;
        for (const auto& one : topic.partitions) {
            told.partitions.push_back({one.partition_index, code(error)});
            if (error == ErrorCode::None) {
                committed[{topic.name, PartitionIndex(one.partition_index)}] = one.committed_offset;
            }
        }
    }
    return response;
}

wire::OffsetFetchResponse FakeGroup::fetch(const wire::OffsetFetchRequest& request) const {
    wire::OffsetFetchResponse response;
    for (const auto& asked : request.groups) {
        auto& told = response.groups.emplace_back();
        told.group_id = asked.group_id;
        for (const auto& topic : *asked.topics) {
            auto& out = told.topics.emplace_back();
            out.name = topic.name;
            for (const std::int32_t index : topic.partition_indexes) {
                auto& partition = out.partitions.emplace_back();
                partition.partition_index = index;
                const auto found = committed.find({topic.name, PartitionIndex(index)});
                partition.committed_offset = found != committed.end() ? found->second : -1;
                partition.committed_leader_epoch = -1;
            }
        }
    }
    return response;
}

}  // namespace bsim::client_test
