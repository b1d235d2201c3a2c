#include "tests/unit/protocol/kraft_world.h"

#include <algorithm>
#include <utility>

#include <gtest/gtest.h>

namespace bsim::kraft {

namespace {

constexpr BrokerId kNobody{-1};

TestBatch to_test_batch(const LeaderBatch& batch) {
    if (const auto* change = std::get_if<LeaderChangeBatch>(&batch)) {
        return {change->base, change->epoch, {kLeaderChange}};
    }
    const auto& records = std::get<RecordsBatch>(batch);
    TestBatch made{records.base, records.epoch, {}};
    for (const SharedBytes& value : records.values) {
        made.records.emplace_back(as_text(value.view()));
    }
    return made;
}

}  // namespace

RaftWorld::RaftWorld()
    : on_violation([](const std::string& rule, const std::string& what) {
          ADD_FAILURE() << rule << ": " << what;
      }) {}

void RaftWorld::add(RaftConfig config) {
    const BrokerId id = config.id;
    nodes_[id].config = std::move(config);
}

void RaftWorld::start(BrokerId id) {
    Node& node = nodes_.at(id);
    BSIM_CHECK(node.raft == nullptr);
    node.raft = std::make_unique<RaftNode>(node.config);
    node.timer.reset();
    node.hw.reset();
    node.machine = TestMachine{};
    node.asked.clear();
    node.log.truncate_to_latest_snapshot();
    input(id, Started{node.stored});
}

void RaftWorld::stop(BrokerId id, bool power) {
    Node& node = nodes_.at(id);
    node.raft.reset();
    node.timer.reset();
    const auto inbound = std::exchange(node.inbound, {});
    if (power) {
        node.log.lose_unflushed();
        check_majority();
    }
    // What was under way from and to it is lost; requesters see the connection break.
    for (auto& [link, queue] : links_) {
        if (link.first != id && link.second != id)
            continue;
        while (!queue.empty())
            drop(link.first, link.second, true);
    }
    for (const auto& [request, asked] : inbound) {
        if (asked.by != kNobody)
            input(asked.by, RequestFailed{id, asked.correlation});
    }
    // Answers to it that are still to be made find its connection closed: the next process must not
    // get them.
    for (auto& [other, peer] : nodes_) {
        for (auto& [request, asked] : peer.inbound) {
            if (asked.by == id)
                asked.by = kNobody;
        }
    }
}

void RaftWorld::wipe(BrokerId id) {
    Node& node = nodes_.at(id);
    BSIM_CHECK(node.raft == nullptr);
    node.log = TestLog{};
    node.stored.reset();
}

void RaftWorld::input(BrokerId id, const RaftInput& in) {
    Node& node = nodes_.at(id);
    if (node.raft == nullptr)
        return;
    RaftEffects effects;
    const RaftContext context{now_, WallMs(now_.ns() / 1'000'000), node.log, draws()};
    node.raft->step(context, in, effects);
    carry_out(id, effects);
}

void RaftWorld::prepare(BrokerId id, const std::vector<std::string>& records) {
    const Node& node = nodes_.at(id);
    if (node.raft == nullptr || !node.raft->leading_epoch())
        return;
    std::vector<SharedBytes> values;
    for (const std::string& record : records) {
        values.push_back(SharedBytes::copy_of(as_bytes(record)));
    }
    input(id, RecordsPrepared{*node.raft->leading_epoch(), std::move(values)});
}

void RaftWorld::want_snapshot(BrokerId id) {
    Node& node = nodes_.at(id);
    if (node.raft == nullptr || !node.machine.at())
        return;
    node.asked[*node.machine.at()] = node.machine.content();
    input(id, SnapshotWanted{*node.machine.at()});
}

void RaftWorld::carry_out(BrokerId id, const RaftEffects& effects) {
    Node& node = nodes_.at(id);
    std::optional<RaftInput> answer;
    for (const RaftEffect& effect : effects) {
        on_effect(id, effect);
        std::optional<RaftInput> made = carry_out(id, effect);
        if (!made)
            continue;
        EXPECT_FALSE(answer) << "two log operations in one step";
        answer = std::move(made);
    }
    if (node.halted && node.raft != nullptr)
        stop(id, false);
    if (node.raft == nullptr)
        return;
    require(node.raft->epoch() == node.stored->epoch, "MonotonicEpoch",
            "node " + std::to_string(id.value()) + " is in another than it stored");
    if (answer)
        return input(id, *answer);
    const auto latest = latest_snapshot(node.log);
    const Offset kept = latest ? latest->offset : Offset{};
    if (snapshot_every > 0 && node.machine.at() &&
        node.machine.at()->offset - kept >= snapshot_every && node.asked.empty()) {
        want_snapshot(id);
        node.asked.clear();
    }
}

std::optional<RaftInput> RaftWorld::carry_out(BrokerId id, const RaftEffect& effect) {
    Node& node = nodes_.at(id);
    if (const auto* persist = std::get_if<PersistQuorumState>(&effect)) {
        check_persist(id, *persist);
        node.stored = persist->state;
    } else if (const auto* assign = std::get_if<AssignLeaderEpoch>(&effect)) {
        node.log.assign_epoch(assign->epoch, node.log.end_offset());
    } else if (const auto* append = std::get_if<AppendBatches>(&effect)) {
        for (const LeaderBatch& batch : append->batches)
            node.log.append(to_test_batch(batch));
        return Appended{};
    } else if (const auto* fetched = std::get_if<AppendFetched>(&effect)) {
        for (const TestBatch& batch : decode_batches(fetched->records.view()))
            node.log.append(batch);
        return Appended{};
    } else if (const auto* truncate = std::get_if<Truncate>(&effect)) {
        require(!node.hw || truncate->to >= *node.hw, "CommittedStays", "truncated");
        node.log.truncate(truncate->to);
        check_majority();
        return Truncated{};
    } else if (std::holds_alternative<Flush>(effect)) {
        node.log.flush();
        return Flushed{};
    } else if (const auto* advance = std::get_if<AdvanceHw>(&effect)) {
        check_hw(id, *advance);
        hand_out(id, advance->hw);
    } else if (const auto* role = std::get_if<RoleChanged>(&effect)) {
        check_role(id, *role);
    } else if (const auto* news = std::get_if<AnnounceLeader>(&effect)) {
        node.machine.leader_changed(news->leader == id);
    } else if (const auto* request = std::get_if<SendRequest>(&effect)) {
        send(id, *request);
    } else if (const auto* answer = std::get_if<Reply>(&effect)) {
        reply(id, *answer);
    } else if (const auto* arm = std::get_if<ArmTimer>(&effect)) {
        node.timer = arm->at;
    } else if (const auto* halt = std::get_if<Halt>(&effect)) {
        node.halted = true;
        require(false, "Halted", "node " + std::to_string(id.value()) + ": " + halt->why);
    } else {
        return carry_out_on_snapshots(id, effect);
    }
    return std::nullopt;
}

std::optional<RaftInput> RaftWorld::carry_out_on_snapshots(BrokerId id, const RaftEffect& effect) {
    Node& node = nodes_.at(id);
    const WallMs wall(now_.ns() / 1'000'000);
    if (const auto* create = std::get_if<CreateSnapshot>(&effect)) {
        node.log.add_snapshot(create->id, node.asked.at(create->id), wall);
        check_log_start(id);
    } else if (std::holds_alternative<StartFetchedSnapshot>(effect) ||
               std::holds_alternative<DropFetchedSnapshot>(effect)) {
        node.fetched.clear();
    } else if (const auto* append = std::get_if<AppendFetchedSnapshot>(&effect)) {
        node.fetched += as_text(append->bytes.view());
    } else if (const auto* install = std::get_if<InstallSnapshot>(&effect)) {
        require(!node.hw || install->id.offset >= *node.hw, "CommittedStays", "installed");
        node.log.add_snapshot(install->id, std::exchange(node.fetched, {}), wall);
        EXPECT_TRUE(node.log.truncate_to_latest_snapshot());
        check_log_start(id);
        check_majority();
        return SnapshotInstalled{};
    } else if (const auto* remove = std::get_if<DeleteBeforeSnapshot>(&effect)) {
        node.log.delete_before(remove->id);
        check_log_start(id);
        return PrefixDeleted{};
    }
    return std::nullopt;
}

void RaftWorld::hand_out(BrokerId id, Offset hw) {
    Node& node = nodes_.at(id);
    node.machine.catch_up(node.log, hw);
    check_machine(id);
    // Whether it came here by records or by a snapshot, it must be what others were here.
    const auto [known, is_new] =
        states_.try_emplace(node.machine.at()->offset, node.machine.content());
    require(known->second == node.machine.content(), "ConsistentCommittedData",
            "two states at " + std::to_string(node.machine.at()->offset.value()));
}

void RaftWorld::put(Message message) {
    const BrokerId from = message.from;
    const BrokerId to = message.to;
    links_[{from, to}].push_back(std::move(message));
    on_send(from, to);
}

namespace {

template <class Request>
LeaderEpoch epoch_of(const Request& request) {
    if constexpr (requires { request.current_epoch; })
        return request.current_epoch;
    else if constexpr (requires { request.epoch; })
        return request.epoch;
    else
        return LeaderEpoch(0);  // DescribeQuorum names none
}

}  // namespace

void RaftWorld::send(BrokerId from, const SendRequest& request) {
    // The node may have moved on in the same step, after this.
    check_speaks(from, std::visit([](const auto& body) { return epoch_of(body); }, request.body));
    if (const auto* vote = std::get_if<VoteRequest>(&request.body); vote && !vote->pre_vote) {
        const std::optional<ReplicaKey> voted = nodes_.at(from).stored->voted;
        require(voted && voted->id == from, "PersistBeforeSpeaking", "asks without its own vote");
    }
    put({from, request.to, request.correlation, request.body});
}

void RaftWorld::reply(BrokerId from, const Reply& reply) {
    Node& node = nodes_.at(from);
    const auto inbound = node.inbound.find(reply.request);
    ASSERT_NE(inbound, node.inbound.end()) << "answered twice, or something not asked";
    const Asked asked = inbound->second;
    node.inbound.erase(inbound);
    if (asked.by == kNobody)
        return;
    check_speaks(from, std::visit([](const auto& body) { return body.head.epoch; }, reply.body));
    if (std::holds_alternative<DescribeQuorumAnswer>(reply.body))
        return;

    RaftResponse body;
    if (const auto* fetch = std::get_if<FetchAnswer>(&reply.body)) {
        FetchResponse response{fetch->head, fetch->hw, fetch->diverging, fetch->snapshot, {}};
        if (fetch->read_from) {
            auto batches = node.log.read(*fetch->read_from, node.log.end_offset());
            batches.resize(std::min(batches.size(), fetch_batches));
            response.records = encode_batches(batches);
        }
        body = std::move(response);
    } else if (const auto* chunk = std::get_if<FetchSnapshotAnswer>(&reply.body)) {
        FetchSnapshotResponse response{
            chunk->head, chunk->snapshot, chunk->size, chunk->position, {}};
        if (chunk->snapshot) {
            const std::string part = node.log.snapshot(*chunk->snapshot)
                                         .substr(static_cast<std::size_t>(chunk->position),
                                                 static_cast<std::size_t>(chunk->max_bytes));
            response.bytes = SharedBytes::copy_of(as_bytes(part));
        }
        body = std::move(response);
    } else if (const auto* vote = std::get_if<VoteResponse>(&reply.body)) {
        const std::optional<ReplicaKey> voted = node.stored->voted;
        require(!vote->granted || asked.pre_vote || (voted && voted->id == asked.by),
                "PersistBeforeSpeaking", "grants an unstored vote");
        body = *vote;
    } else if (const auto* begin = std::get_if<BeginQuorumEpochResponse>(&reply.body)) {
        body = *begin;
    } else {
        body = std::get<EndQuorumEpochResponse>(reply.body);
    }
    put({from, asked.by, asked.correlation, std::move(body)});
}

bool RaftWorld::deliver(BrokerId from, BrokerId to) {
    std::deque<Message>& queue = links_[{from, to}];
    if (queue.empty())
        return false;
    const Message message = std::move(queue.front());
    queue.pop_front();
    if (const auto* request = std::get_if<RaftRequest>(&message.body)) {
        if (nodes_.at(to).raft == nullptr) {
            input(from, RequestFailed{to, message.correlation});
        } else {
            ask(from, to, message.correlation, *request);
        }
    } else {
        input(to,
              ResponseReceived{from, message.correlation, std::get<RaftResponse>(message.body)});
    }
    return true;
}

void RaftWorld::ask(BrokerId from,
                    BrokerId to,
                    CorrelationId correlation,
                    const RaftRequest& request) {
    const RequestId id{next_request_++};
    const auto* vote = std::get_if<VoteRequest>(&request);
    nodes_.at(to).inbound[id] = {from, correlation, vote != nullptr && vote->pre_vote};
    input(to, RequestReceived{id, request});
}

bool RaftWorld::drop(BrokerId from, BrokerId to, bool tell) {
    std::deque<Message>& queue = links_[{from, to}];
    if (queue.empty())
        return false;
    const Message message = std::move(queue.front());
    queue.pop_front();
    if (!tell)
        return true;
    const bool is_request = std::holds_alternative<RaftRequest>(message.body);
    const BrokerId requester = is_request ? from : to;
    input(requester, RequestFailed{is_request ? to : from, message.correlation});
    return true;
}

void RaftWorld::deliver_all(int max_rounds) {
    for (int round = 0; round < max_rounds; ++round) {
        const auto links = busy_links();
        if (links.empty())
            return;
        for (const auto& [from, to] : links)
            deliver(from, to);
    }
}

std::vector<std::pair<BrokerId, BrokerId>> RaftWorld::busy_links() const {
    std::vector<std::pair<BrokerId, BrokerId>> busy;
    for (const auto& [link, queue] : links_) {
        if (!queue.empty())
            busy.push_back(link);
    }
    return busy;
}

const RaftWorld::Message* RaftWorld::front(BrokerId from, BrokerId to) const {
    const auto link = links_.find({from, to});
    return link == links_.end() || link->second.empty() ? nullptr : &link->second.front();
}

std::optional<SimTime> RaftWorld::next_timer() const {
    std::optional<SimTime> next;
    for (const auto& [id, node] : nodes_) {
        if (node.timer && (!next || *node.timer < *next))
            next = node.timer;
    }
    return next;
}

bool RaftWorld::fire_next_timer(SimTime until) {
    const std::optional<SimTime> next = next_timer();
    if (!next || *next > until)
        return false;
    for (auto& [id, node] : nodes_) {
        if (node.timer != next)
            continue;
        now_ = std::max(now_, *next);
        node.timer.reset();
        input(id, TimerFired{});
        break;
    }
    return true;
}

void RaftWorld::advance_to(SimTime until) {
    while (fire_next_timer(until)) {
    }
    now_ = std::max(now_, until);
}

}  // namespace bsim::kraft
