#include "sim/node/group_shell.h"

#include <string>
#include <utility>

#include "sim/base/overloaded.h"
#include "sim/model/internal_topics.h"
#include "sim/protocol/group/request_check.h"

namespace bsim {
namespace {

group::CoordinatorConfig coordinator_config(const BrokerConfig& config, const Switches& switches) {
    group::CoordinatorConfig out;
    out.min_session_timeout_ms = config.group_min_session_timeout_ms;
    out.max_session_timeout_ms = config.group_max_session_timeout_ms;
    out.initial_rebalance_delay_ms = config.group_initial_rebalance_delay_ms;
    out.max_size = config.group_max_size;
    out.retention_ms = std::int64_t{config.offsets_retention_minutes} * 60'000;
    out.retention_check_interval_ms = config.offsets_retention_check_interval_ms;
    out.metadata_max_bytes = config.offset_metadata_max_bytes;
    out.commit_timeout_ms = config.offsets_commit_timeout_ms;
    out.commit_required_acks = config.offsets_commit_required_acks;
    out.require_member_id = switches.require_member_id;
    out.fence_commits = switches.commit_fencing != Switches::CommitFencing::None;
    out.commits_wait_for_isr = switches.commit_ack != Switches::CommitAck::Leader;
    out.load_whole_partition = switches.offsets_load != Switches::OffsetsLoad::Partial;
    return out;
}

TopicPartition offsets_partition(PartitionIndex partition) {
    return {std::string(kOffsetsTopic), partition};
}

}  // namespace

GroupShell::GroupShell(const Parts& parts)
    : parts_(parts),
      coordinator_(coordinator_config(parts.config, parts.switches)),
      finder_({parts.image, parts.config, parts.controller}),
      loader_({parts.process, parts.dirs, parts.replicas, parts.config.offsets_load_buffer_size},
              [this](group::CoordinatorInput in) {
                  input(std::move(in), ReplicaManager::InternalWriter::OtherThread);
              }),
      alarm_(parts.process,
             [this] { input(group::TimerFired{}, ReplicaManager::InternalWriter::OtherThread); }),
      member_ids_(
          parts.process.life_stream("broker/" + parts.process.name().text() + "/member-ids")),
      partitions_(parts.config.offsets_topic_num_partitions) {}

void GroupShell::start() {
    const TopicImage* topic = parts_.image.topic(std::string(kOffsetsTopic));
    if (topic != nullptr)
        partitions_ = static_cast<std::int32_t>(topic->partitions.size());
    started_ = true;
    input(group::Started{partitions_}, ReplicaManager::InternalWriter::OtherThread);
}

void GroupShell::stop() {
    if (!started_)
        return;
    loader_.stop();
    input(group::Stopped{}, ReplicaManager::InternalWriter::OtherThread);
    stopped_ = true;
}

template <class Body>
bool GroupShell::serve_as(const RequestRef& request, wire::Request& message) {
    auto* body = std::get_if<Body>(&message.body);
    if (body == nullptr)
        return false;
    Asked asked{request, {}};
    if constexpr (std::is_same_v<Body, wire::OffsetCommitRequest> ||
                  std::is_same_v<Body, wire::OffsetDeleteRequest>) {
        auto refused = group::take_unknown(parts_.image, *body);
        const bool only_commit = std::is_same_v<Body, wire::OffsetCommitRequest>;
        if (only_commit && body->topics.empty()) {
            parts_.server.answer(request, std::move(refused));
            return true;
        }
        asked.known = std::move(refused);
    }
    ask(std::move(asked), message, std::move(*body));
    return true;
}

bool GroupShell::serve(const RequestRef& request, wire::Request& message) {
    if (const auto* find = std::get_if<wire::FindCoordinatorRequest>(&message.body)) {
        parts_.server.answer(request, finder_.answer(*find, request.version, partitions_));
        return true;
    }
    return serve_as<wire::JoinGroupRequest>(request, message) ||
           serve_as<wire::SyncGroupRequest>(request, message) ||
           serve_as<wire::HeartbeatRequest>(request, message) ||
           serve_as<wire::LeaveGroupRequest>(request, message) ||
           serve_as<wire::OffsetCommitRequest>(request, message) ||
           serve_as<wire::OffsetFetchRequest>(request, message) ||
           serve_as<wire::ListGroupsRequest>(request, message) ||
           serve_as<wire::DescribeGroupsRequest>(request, message) ||
           serve_as<wire::DeleteGroupsRequest>(request, message) ||
           serve_as<wire::OffsetDeleteRequest>(request, message);
}

// The host of a client is known here by the client's name, which is also its client.id unless its
// configuration says otherwise.
void GroupShell::ask(Asked asked, wire::Request& message, group::GroupRequest body) {
    const group::RequestToken token(next_request_++);
    const bool joins = std::holds_alternative<wire::JoinGroupRequest>(body);
    const Uuid drawn = joins ? member_ids_.uuid() : Uuid{};
    const group::Caller caller{token, asked.request.version};
    asked_.emplace(token, std::move(asked));
    input(group::RequestArrived{caller, message.client_id, "/" + message.client_id, drawn,
                                std::move(body)},
          ReplicaManager::InternalWriter::RequestHandler);
}

void GroupShell::input(group::CoordinatorInput in, ReplicaManager::InternalWriter writer) {
    if (stopped_)
        return;
    inputs_.push_back(std::move(in));
    if (running_)
        return;
    running_ = true;
    while (!inputs_.empty()) {
        effects_.clear();
        const group::StepContext context{parts_.process.now(), parts_.process.wall_now()};
        coordinator_.step(context, std::move(inputs_.front()), effects_);
        inputs_.pop_front();
        for (group::CoordinatorEffect& effect : effects_)
            std::visit([this](auto& e) { run_effect(e); }, effect);
    }
    running_ = false;
    parts_.replicas.settle_internal(writer);
}

void GroupShell::run_effect(group::Reply& effect) {
    auto node = asked_.extract(effect.token);
    if (node.empty())
        return;
    Asked& asked = node.mapped();
    std::visit(Overloaded{
                   [](std::monostate) {},
                   [&](wire::OffsetCommitResponse& known) {
                       group::merge(known, std::get<wire::OffsetCommitResponse>(effect.body));
                       effect.body = std::move(known);
                   },
                   [&](wire::OffsetDeleteResponse& known) {
                       group::merge(known, std::get<wire::OffsetDeleteResponse>(effect.body));
                       effect.body = std::move(known);
                   },
               },
               asked.known);
    std::visit([&](auto& body) { parts_.server.answer(asked.request, std::move(body)); },
               effect.body);
}

void GroupShell::run_effect(const group::Append& effect) {
    parts_.replicas.append_internal(
        {offsets_partition(effect.partition), effect.batch, effect.acks,
         milliseconds(effect.timeout_ms)},
        [this, token = effect.token](wire::ErrorCode error, Offset base) {
            input(group::AppendFinished{token, error, base},
                  ReplicaManager::InternalWriter::OtherThread);
        });
}

void GroupShell::run_effect(const group::AppendTombstones& effect) {
    parts_.replicas.append_internal(
        {offsets_partition(effect.partition), effect.batch, 0, SimDuration(0)},
        [](wire::ErrorCode, Offset) {});
}

void GroupShell::run_effect(const group::ReadPartition& effect) {
    loader_.read(effect.partition);
}

void GroupShell::run_effect(const group::ArmTimer& effect) {
    alarm_.set(effect.at);
}

}  // namespace bsim
