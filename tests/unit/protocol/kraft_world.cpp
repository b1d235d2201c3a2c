#include "tests/unit/protocol/kraft_world.h"

#include <algorithm>
#include <utility>

#include <gtest/gtest.h>

namespace bsim::kraft {

namespace {

constexpr BrokerId kNobody{-1};

TestBatch to_test_batch(const LeaderBatch& batch) {
    if (const auto* change = std::get_if<LeaderChangeBatch>(&batch)) {
        return {change->base, change->epoch, {"leader-change"}};
    }
    const auto& records = std::get<RecordsBatch>(batch);
    TestBatch made{records.base, records.epoch, {}};
    for (const SharedBytes& value : records.values) {
        made.records.emplace_back(as_text(value.view()));
    }
    return made;
}

}  // namespace

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
    input(id, Started{node.stored});
}

void RaftWorld::stop(BrokerId id, bool power) {
    Node& node = nodes_.at(id);
    node.raft.reset();
    node.timer.reset();
    const auto inbound = std::exchange(node.inbound, {});
    if (power)
        node.log.lose_unflushed();
    // What was under way from and to it is lost; requesters see the connection break.
    for (auto& [link, queue] : links_) {
        if (link.first != id && link.second != id)
            continue;
        while (!queue.empty())
            drop(link.first, link.second, true);
    }
    for (const auto& [request, asked] : inbound) {
        if (asked.first != kNobody)
            input(asked.first, RequestFailed{id, asked.second});
    }
    // Answers to it that are still to be made find its connection closed: the next process must not
    // get them.
    for (auto& [other, peer] : nodes_) {
        for (auto& [request, asked] : peer.inbound) {
            if (asked.first == id)
                asked.first = kNobody;
        }
    }
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

void RaftWorld::carry_out(BrokerId id, const RaftEffects& effects) {
    std::optional<RaftInput> answer;
    for (const RaftEffect& effect : effects) {
        on_effect(id, effect);
        std::optional<RaftInput> made = carry_out(id, effect);
        if (!made)
            continue;
        EXPECT_FALSE(answer) << "two log operations in one step";
        answer = std::move(made);
    }
    if (nodes_.at(id).halted && nodes_.at(id).raft != nullptr)
        stop(id, false);
    if (answer)
        input(id, *answer);
}

std::optional<RaftInput> RaftWorld::carry_out(BrokerId id, const RaftEffect& effect) {
    Node& node = nodes_.at(id);
    if (const auto* persist = std::get_if<PersistQuorumState>(&effect)) {
        EXPECT_TRUE(!node.stored || persist->state.epoch >= node.stored->epoch) << "epoch fell";
        node.stored = persist->state;
    } else if (const auto* assign = std::get_if<AssignLeaderEpoch>(&effect)) {
        node.log.assign_epoch(assign->epoch, node.log.end_offset());
    } else if (const auto* append = std::get_if<AppendBatches>(&effect)) {
        for (const LeaderBatch& batch : append->batches)
            node.log.append(to_test_batch(batch));
        return Appended{};
    } else if (const auto* fetched = std::get_if<AppendFetched>(&effect)) {
        for (const TestBatch& batch : decode_batches(fetched->records.view())) {
            node.log.append(batch);
        }
        return Appended{};
    } else if (const auto* truncate = std::get_if<Truncate>(&effect)) {
        EXPECT_TRUE(!node.hw || truncate->to >= *node.hw) << "truncation of committed records";
        node.log.truncate(truncate->to);
        return Truncated{};
    } else if (std::holds_alternative<Flush>(effect)) {
        node.log.flush();
        return Flushed{};
    } else if (const auto* advance = std::get_if<AdvanceHw>(&effect)) {
        check_hw(node, *advance);
    } else if (const auto* role = std::get_if<RoleChanged>(&effect)) {
        check_role(id, node, *role);
    } else if (const auto* request = std::get_if<SendRequest>(&effect)) {
        send(id, *request);
    } else if (const auto* answer = std::get_if<Reply>(&effect)) {
        reply(id, *answer);
    } else if (const auto* arm = std::get_if<ArmTimer>(&effect)) {
        node.timer = arm->at;
    } else if (std::holds_alternative<Halt>(effect)) {
        node.halted = true;
    }
    return std::nullopt;
}

void RaftWorld::check_persisted(const Node& node, LeaderEpoch epoch) const {
    ASSERT_TRUE(node.stored.has_value()) << "spoke before its state was stored";
    EXPECT_GE(node.stored->epoch, epoch) << "spoke in an epoch before it was stored";
}

void RaftWorld::check_role(BrokerId id, const Node& node, const RoleChanged& role) {
    check_persisted(node, role.epoch);
    if (role.role != RoleKind::Leader)
        return;
    const auto [first, is_new] = leaders_.try_emplace(role.epoch, id);
    EXPECT_TRUE(is_new) << "epoch " << role.epoch.value() << " has had a leader";
    EXPECT_EQ(node.stored->leader, id);
    if (data_loss)
        return;
    // A leader has all that was committed in earlier epochs. (One elected late may lead, and find
    // nobody to follow, while a later epoch is under way.)
    for (const auto& [offset, record] : committed_) {
        if (record.in_epoch >= role.epoch)
            continue;
        EXPECT_LT(offset, node.log.end_offset()) << "leader lacks a committed record";
    }
}

void RaftWorld::check_hw(Node& node, const AdvanceHw& advance) {
    EXPECT_TRUE(!node.hw || advance.hw > *node.hw) << "high watermark did not rise";
    EXPECT_LE(advance.hw, node.log.end_offset());
    const Offset from = node.hw.value_or(Offset{});
    node.hw = advance.hw;
    for (const TestBatch& batch : node.log.read(from, advance.hw)) {
        EXPECT_LE(batch.end(), advance.hw) << "high watermark within a batch";
        Offset offset = batch.base;
        for (const std::string& record : batch.records) {
            const auto [known, is_new] =
                committed_.try_emplace(offset, Committed{batch.epoch, record, advance.epoch});
            EXPECT_TRUE(data_loss ||
                        (known->second.epoch == batch.epoch && known->second.value == record))
                << "two committed records at " << offset.value();
            offset = offset + 1;
        }
    }
}

void RaftWorld::send(BrokerId from, const SendRequest& request) {
    const auto epoch = std::visit(
        [](const auto& body) {
            if constexpr (requires { body.current_epoch; }) {
                return body.current_epoch;
            } else {
                return body.epoch;
            }
        },
        request.body);
    check_persisted(nodes_.at(from), epoch);
    if (std::holds_alternative<VoteRequest>(request.body)) {
        EXPECT_EQ(nodes_.at(from).stored->voted->id, from) << "asked for votes without its own";
    }
    links_[{from, request.to}].push_back({from, request.to, request.correlation, request.body});
}

void RaftWorld::reply(BrokerId from, const Reply& reply) {
    Node& node = nodes_.at(from);
    const auto inbound = node.inbound.find(reply.request);
    ASSERT_NE(inbound, node.inbound.end()) << "answered twice, or something not asked";
    const auto [to, correlation] = inbound->second;
    node.inbound.erase(inbound);
    if (to == kNobody)
        return;

    RaftResponse body;
    if (const auto* fetch = std::get_if<FetchAnswer>(&reply.body)) {
        FetchResponse response{fetch->head, fetch->hw, fetch->diverging, {}};
        if (fetch->read_from) {
            response.records =
                encode_batches(node.log.read(*fetch->read_from, node.log.end_offset()));
        }
        check_persisted(node, fetch->head.epoch);
        body = std::move(response);
    } else if (const auto* vote = std::get_if<VoteResponse>(&reply.body)) {
        check_persisted(node, vote->head.epoch);
        if (vote->granted) {
            EXPECT_EQ(node.stored->voted->id, to) << "granted before it was stored";
        }
        body = *vote;
    } else if (const auto* begin = std::get_if<BeginQuorumEpochResponse>(&reply.body)) {
        body = *begin;
    } else {
        body = std::get<EndQuorumEpochResponse>(reply.body);
    }
    links_[{from, to}].push_back({from, to, correlation, std::move(body)});
}

bool RaftWorld::deliver(BrokerId from, BrokerId to) {
    std::deque<Message>& queue = links_[{from, to}];
    if (queue.empty())
        return false;
    const Message message = std::move(queue.front());
    queue.pop_front();
    Node& receiver = nodes_.at(to);
    if (const auto* request = std::get_if<RaftRequest>(&message.body)) {
        if (receiver.raft == nullptr) {
            input(from, RequestFailed{to, message.correlation});
            return true;
        }
        const RequestId id{next_request_++};
        receiver.inbound[id] = {from, message.correlation};
        input(to, RequestReceived{id, *request});
    } else {
        input(to,
              ResponseReceived{from, message.correlation, std::get<RaftResponse>(message.body)});
    }
    return true;
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

bool RaftWorld::fire_next_timer(SimTime until) {
    std::optional<BrokerId> next;
    for (const auto& [id, node] : nodes_) {
        if (!node.timer || *node.timer > until)
            continue;
        if (!next || *node.timer < *nodes_.at(*next).timer)
            next = id;
    }
    if (!next)
        return false;
    Node& node = nodes_.at(*next);
    now_ = std::max(now_, *node.timer);
    node.timer.reset();
    input(*next, TimerFired{});
    return true;
}

void RaftWorld::advance_to(SimTime until) {
    while (fire_next_timer(until)) {
    }
    now_ = std::max(now_, until);
}

}  // namespace bsim::kraft
