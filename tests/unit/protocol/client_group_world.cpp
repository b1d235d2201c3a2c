#include "tests/unit/protocol/client_group_world.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/base/stable_hash.h"
#include "sim/protocol/rules/assignors/consumer_protocol.h"
#include "sim/wire/batch_builder.h"
#include "tests/unit/protocol/client_world.h"

namespace bsim::client_test {

GroupWorld::GroupWorld(const Shape& shape)
    : shape_(shape),
      random_(shape.seed),
      group_([this](FakeGroup::Waiter waiter, wire::ResponseBody body) {
          const auto node = waiting_.extract(waiter);
          if (!node.empty())
              answer(node.mapped(), std::move(body));
      }) {}

void GroupWorld::at(SimTime when, Action action) {
    queue_.emplace(std::pair(when, next_event_++), std::move(action));
}

void GroupWorld::note(const std::string& member, const std::string& what) {
    lines.push_back(fmt::format("{}ms {} {}", (now - SimTime()).ms(), member, what));
}

// --- Members ---------------------------------------------------------------------------------

void GroupWorld::add(const std::string& name, ConsumerSettings settings) {
    settings.client_id = name;
    for (int b = 1; b <= shape_.brokers; ++b)
        settings.bootstrap_servers.push_back(World::endpoint_of(b));
    members_[name].settings = std::move(settings);
}

void GroupWorld::start(const std::string& name) {
    Member& member = members_.at(name);
    member.consumer = std::make_unique<Consumer>(member.settings, std::vector<TopicPartition>());
    member.busy = false;
    member.stopping = false;
    member.owned.clear();
    ++member.life;
    step(name, Started{});
    step(name, SubscribeCalled{{kTopic}});
    step(name, PollCalled{seconds(1)});
}

void GroupWorld::stop(const std::string& name) {
    Member& member = members_.at(name);
    member.stopping = true;
    if (!member.busy && member.consumer)
        step(name, CloseRequested{});
}

void GroupWorld::kill(const std::string& name) {
    Member& member = members_.at(name);
    member.consumer.reset();
    member.timer.reset();
    member.owned.clear();
}

void GroupWorld::commit(const std::string& name, bool sync) {
    step(name, CommitCalled{sync, std::nullopt});
}

void GroupWorld::step(const std::string& name, const ConsumerInput& in) {
    Member& member = members_.at(name);
    if (!member.consumer)
        return;
    ConsumerEffects effects;
    random_ = mix64(random_);
    member.consumer->step(now, random_, in, effects);
    for (const ConsumerEffect& effect : effects)
        carry_out(name, effect);
}

void GroupWorld::go_on_after(const std::string& name, SimDuration work) {
    members_.at(name).busy = true;
    at(now + work, [this, name, life = members_.at(name).life] {
        Member& member = members_.at(name);
        if (member.life != life)
            return;
        member.busy = false;
        if (member.stopping) {
            step(name, CloseRequested{});
        } else {
            step(name, PollCalled{seconds(1)});
        }
    });
}

void GroupWorld::count_owners() {
    std::map<TopicPartition, int> owners;
    for (const auto& [name, member] : members_) {
        for (const TopicPartition& tp : member.owned)
            double_owners += ++owners[tp] > 1 ? 1 : 0;
    }
}

void GroupWorld::carry_out(const std::string& name, const ConsumerEffect& effect) {
    Member& member = members_.at(name);
    if (const auto* wanted = std::get_if<Connect>(&effect)) {
        connect(name, *wanted);
    } else if (const auto* timer = std::get_if<ArmTimer>(&effect)) {
        member.timer = timer->at;
    } else if (const auto* closing = std::get_if<Close>(&effect)) {
        links_.at({name, closing->connection}).open = false;
    } else if (const auto* sending = std::get_if<SendRequest>(&effect)) {
        note_request(name, sending->request.body);
        send(name, *sending);
    } else if (const auto* ready = std::get_if<RecordsReady>(&effect)) {
        for (const PartitionRecords& part : ready->partitions) {
            for (const ConsumedRecord& record : part.records) {
                handed[part.partition.partition.value()].emplace_back(record.offset.value(), name);
            }
            if (!part.records.empty()) {
                note(name, fmt::format("records {} {}..{}", part.partition.to_string(),
                                       part.records.front().offset.value(),
                                       part.records.back().offset.value()));
            }
        }
        go_on_after(name, member.work);
    } else if (std::holds_alternative<PollTimedOut>(effect)) {
        go_on_after(name, SimDuration());
    } else if (const auto* failed = std::get_if<PollFailed>(&effect)) {
        note(name, fmt::format("poll throws {}", failure_name(*failed)));
        member.stopping = true;
        go_on_after(name, SimDuration());
    } else if (const auto* update = std::get_if<AssignmentUpdated>(&effect)) {
        member.owned = {update->owned.begin(), update->owned.end()};
        ++assignments;
        count_owners();
        std::string what =
            fmt::format("{} g{}", client::name(update->why), update->generation.value());
        for (const TopicPartition& tp : update->owned)
            what += " " + tp.to_string();
        note(name, what);
    } else if (const auto* ended = std::get_if<CommitEnded>(&effect)) {
        if (!ended->error.empty())
            note(name, fmt::format("commit fails {}{}", ended->error,
                                   ended->may_be_in_force ? ", or is in force" : ""));
    } else if (const auto* reset = std::get_if<PositionReset>(&effect)) {
        if (reset->why == ResetReason::Committed)
            note(name, fmt::format("position {} {} committed", reset->partition.to_string(),
                                   reset->to.value()));
    } else if (std::holds_alternative<Closed>(effect)) {
        note(name, "closed");
        at(now, [this, name] { kill(name); });
    }
}

void GroupWorld::run_for(SimDuration span) {
    const SimTime end = now + span;
    while (true) {
        SimTime next = end + milliseconds(1);
        std::string who;
        for (const auto& [name, member] : members_) {
            if (member.timer && *member.timer < next) {
                next = *member.timer;
                who = name;
            }
        }
        const auto tick = group_.next_tick();
        const bool group_first = tick && *tick < next;
        if (group_first)
            next = *tick;
        if (!queue_.empty() && queue_.begin()->first.first <= std::min(next, end)) {
            now = std::max(now, queue_.begin()->first.first);
            const Action action = std::move(queue_.begin()->second);
            queue_.erase(queue_.begin());
            action();
        } else if (next > end) {
            break;
        } else {
            now = std::max(now, next);
            if (group_first) {
                group_.tick(now);
            } else {
                members_.at(who).timer.reset();
                step(who, TimerFired{});
            }
        }
    }
    now = end;
}

// --- Network ---------------------------------------------------------------------------------

void GroupWorld::connect(const std::string& name, const Connect& effect) {
    Link link{name, effect.node, 0, false};
    for (int b = 1; b <= shape_.brokers; ++b) {
        if (World::endpoint_of(b) == effect.endpoint)
            link.broker = b;
    }
    links_[{name, effect.connection}] = link;
    at(now + shape_.delay + shape_.delay, [this, name, connection = effect.connection] {
        links_.at({name, connection}).open = true;
        step(name, ConnectionOpened{connection});
    });
}

void GroupWorld::send(const std::string& name, const SendRequest& effect) {
    const Asked asked{effect.connection, name, members_.at(name).life, effect.request.version,
                      effect.request.correlation_id};
    at(now + shape_.delay, [this, asked, body = effect.request.body] { arrive(asked, body); });
}

void GroupWorld::answer(const Asked& asked, wire::ResponseBody body) {
    wire::Response response{asked.version, asked.correlation_id, std::move(body)};
    at(now + shape_.delay, [this, asked, response = std::move(response)] {
        const Member& member = members_.at(asked.member);
        if (member.life == asked.life && links_.at({asked.member, asked.connection}).open)
            step(asked.member, ResponseArrived{asked.connection, response});
    });
}

void GroupWorld::inject(wire::ApiKey api, wire::ErrorCode error, int times) {
    for (int i = 0; i < times; ++i)
        injected_[api].push_back(error);
}

void GroupWorld::move_coordinator(std::int32_t broker) {
    coordinator_ = broker;
}

void GroupWorld::arrive(const Asked& asked, const wire::RequestBody& body) {
    // A killed member's host resets what comes later.
    if (members_.at(asked.member).life != asked.life)
        return;
    if (const auto* fetching = std::get_if<wire::FetchRequest>(&body)) {
        const bool closing = fetching->session_epoch == -1;
        const SimDuration wait = closing ? SimDuration() : milliseconds(20);
        return at(now + wait,
                  [this, asked, request = *fetching] { answer(asked, fetch(request)); });
    }
    if (const auto* list = std::get_if<wire::ListOffsetsRequest>(&body))
        return answer(asked, list_offsets(*list));
    if (std::holds_alternative<wire::ApiVersionsRequest>(body))
        return answer(asked, api_versions());
    auto& injected = injected_[wire::api(body)];
    if (!injected.empty()) {
        const wire::ErrorCode error = injected.front();
        injected.pop_front();
        if (error != wire::ErrorCode::None)
            answer(asked, refusal(body, error));
        return;
    }
    if (const auto* wanted = std::get_if<wire::MetadataRequest>(&body))
        return answer(asked, metadata(*wanted));
    if (std::holds_alternative<wire::FindCoordinatorRequest>(body))
        return answer(asked, find_coordinator());
    if (links_.at({asked.member, asked.connection}).broker != coordinator_)
        return answer(asked, refusal(body, wire::ErrorCode::NotCoordinator));
    const FakeGroup::Waiter waiter = next_waiter_++;
    waiting_[waiter] = asked;
    ask_group(asked, waiter, body);
}

void GroupWorld::ask_group(const Asked& asked,
                           FakeGroup::Waiter waiter,
                           const wire::RequestBody& body) {
    const auto at_once = [&](wire::ResponseBody response) {
        waiting_.erase(waiter);
        answer(asked, std::move(response));
    };
    if (const auto* joining = std::get_if<wire::JoinGroupRequest>(&body)) {
        group_.join(now, waiter, asked.member, *joining);
    } else if (const auto* syncing = std::get_if<wire::SyncGroupRequest>(&body)) {
        group_.sync(now, waiter, *syncing);
    } else if (const auto* beating = std::get_if<wire::HeartbeatRequest>(&body)) {
        at_once(group_.heartbeat(now, *beating));
    } else if (const auto* leaving = std::get_if<wire::LeaveGroupRequest>(&body)) {
        at_once(group_.leave(now, *leaving));
    } else if (const auto* commit = std::get_if<wire::OffsetCommitRequest>(&body)) {
        at_once(group_.commit(now, *commit));
    } else {
        at_once(group_.fetch(std::get<wire::OffsetFetchRequest>(body)));
    }
}

// --- What is written down --------------------------------------------------------------------

void GroupWorld::note_request(const std::string& name, const wire::RequestBody& body) {
    if (const auto* join = std::get_if<wire::JoinGroupRequest>(&body)) {
        std::string what = fmt::format("JoinGroup '{}'", join->member_id);
        const auto subscription = group::decode_subscription(join->protocols.front().metadata);
        for (const TopicPartition& tp : subscription->owned)
            what += " " + tp.to_string();
        if (!join->reason->empty())
            what += ": " + *join->reason;
        note(name, what);
    } else if (const auto* sync = std::get_if<wire::SyncGroupRequest>(&body)) {
        note(name,
             fmt::format("SyncGroup g{} of {}", sync->generation_id, sync->assignments.size()));
    } else if (const auto* beat = std::get_if<wire::HeartbeatRequest>(&body)) {
        heartbeats[name].push_back(now);
        note(name, fmt::format("Heartbeat g{}", beat->generation_id));
    } else if (const auto* leave = std::get_if<wire::LeaveGroupRequest>(&body)) {
        note(name, "LeaveGroup: " + *leave->members.front().reason);
    } else if (const auto* commit = std::get_if<wire::OffsetCommitRequest>(&body)) {
        std::string what = fmt::format("OffsetCommit g{}", commit->generation_id_or_member_epoch);
        for (const auto& topic : commit->topics) {
            for (const auto& one : topic.partitions)
                what += fmt::format(" t-{}={}", one.partition_index, one.committed_offset);
        }
        note(name, what);
    } else if (const auto* ask = std::get_if<wire::OffsetFetchRequest>(&body)) {
        std::string what = "OffsetFetch";
        for (const auto& topic : *ask->groups.front().topics) {
            for (const std::int32_t index : topic.partition_indexes)
                what += fmt::format(" t-{}", index);
        }
        note(name, what);
    } else if (std::holds_alternative<wire::FindCoordinatorRequest>(body)) {
        note(name, "FindCoordinator");
    }
}

}  // namespace bsim::client_test
