#include "tests/unit/protocol/replication_lab.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace bsim::replication {

using wire::ErrorCode;

namespace {

bool contains(const std::vector<BrokerId>& set, BrokerId id) {
    return std::find(set.begin(), set.end(), id) != set.end();
}

class LabProduceView : public ProduceStatusView {
  public:
    explicit LabProduceView(const PartitionLeader* leader) : leader_(leader) {}
    std::optional<ErrorCode> produce_status(const TopicIdPartition&,
                                            Offset required) const override {
        if (leader_ == nullptr)
            return ErrorCode::NotLeaderOrFollower;
        return leader_->produce_status(required);
    }

  private:
    const PartitionLeader* leader_;
};

}  // namespace

Lab::Lab(const LabOptions& options) : options_(options) {
    for (const std::int32_t number : options.brokers) {
        const BrokerId id(number);
        LabBroker& broker = brokers_[id];
        broker.id = id;
        broker.epoch = BrokerEpoch(next_broker_epoch_++);
        registrations_.brokers[id] = BrokerStatus{broker.epoch};
        state_.replicas.push_back(id);
        start_process(broker);
    }
    state_.isr = state_.replicas;
    state_.leader = state_.replicas.front();
    broadcast(true);
}

void Lab::start_process(LabBroker& broker) {
    broker.running = true;
    broker.sessions = std::make_unique<FetchSessionCache>();
    broker.proposals = std::make_unique<AlterPartitionQueue>(broker.id);
}

// ---- The controller

void Lab::broadcast(bool with_partition) {
    for (auto& [id, broker] : brokers_) {
        if (!broker.running)
            continue;
        broker.news.push_back(
            {with_partition ? std::optional(state_) : std::nullopt, registrations_});
    }
}

void Lab::change(PartitionNews next) {
    next.partition_epoch = PartitionEpoch(state_.partition_epoch.value() + 1);
    if (next.leader != state_.leader) {
        next.leader_epoch = LeaderEpoch(state_.leader_epoch.value() + 1);
    }
    state_ = std::move(next);
    broadcast(true);
}

void Lab::choose_leader(PartitionNews& next) {
    const auto live = [this](BrokerId id) { return !registrations_.brokers.at(id).fenced; };
    if (next.leader && live(*next.leader) && contains(next.isr, *next.leader))
        return;
    next.leader.reset();
    for (const BrokerId id : next.replicas) {
        if (!next.leader && live(id) && contains(next.isr, id))
            next.leader = id;
    }
    if (next.leader || !options_.unclean_election)
        return;
    for (const BrokerId id : next.replicas) {
        if (next.leader || !live(id))
            continue;
        next.leader = id;
        next.isr = {id};
        next.recovering = true;
        unclean = true;
    }
}

void Lab::elect(BrokerId leader) {
    PartitionNews next = state_;
    if (!contains(next.isr, leader)) {
        unclean = true;
        next.isr = {leader};
    }
    next.leader = leader;
    change(next);
}

void Lab::update_registration(BrokerId id, bool fenced) {
    registrations_.brokers.at(id).fenced = fenced;
    PartitionNews next = state_;
    if (fenced && next.isr.size() > 1)
        std::erase(next.isr, id);
    choose_leader(next);
    if (next.isr != state_.isr || next.leader != state_.leader) {
        change(next);
    } else {
        broadcast(false);
    }
}

void Lab::kill(BrokerId id) {
    LabBroker& broker = at(id);
    if (broker.leader) {
        broker.leader.reset();
        check_produces(broker);  // their connections break: the outcome is unknown, not acked
    }
    broker = [&broker] {
        LabBroker dead;
        dead.id = broker.id;
        dead.running = false;
        dead.epoch = broker.epoch;
        dead.log = broker.log;
        dead.checkpointed_hw = broker.checkpointed_hw;
        return dead;
    }();
    update_registration(id, true);
}

void Lab::restart(BrokerId id) {
    LabBroker& broker = at(id);
    broker.log.hw =
        std::max(broker.log.start(), std::min(broker.checkpointed_hw, broker.log.leo()));
    broker.epoch = BrokerEpoch(next_broker_epoch_++);
    start_process(broker);
    registrations_.brokers.at(id).epoch = broker.epoch;
    // A new process reads the whole image before it is unfenced.
    broker.news.push_back({state_, registrations_});
    update_registration(id, false);
}

ErrorCode Lab::validate(const LabBroker& sender,
                        const wire::AlterPartitionRequest::PartitionData& part) const {
    if (part.leader_epoch > state_.leader_epoch.value() ||
        part.partition_epoch > state_.partition_epoch.value()) {
        return ErrorCode::NotController;
    }
    if (part.leader_epoch < state_.leader_epoch.value())
        return ErrorCode::FencedLeaderEpoch;
    if (sender.id != state_.leader)
        return ErrorCode::InvalidRequest;
    if (part.partition_epoch < state_.partition_epoch.value()) {
        return ErrorCode::InvalidUpdateVersion;
    }
    for (const auto& member : part.new_isr_with_epochs) {
        const BrokerStatus& status = registrations_.brokers.at(BrokerId(member.broker_id));
        const bool fresh = member.broker_epoch == -1 || member.broker_epoch == status.epoch.value();
        if (status.fenced || !fresh)
            return ErrorCode::IneligibleReplica;
    }
    return ErrorCode::None;
}

bool Lab::answer_alter(BrokerId id) {
    LabBroker& broker = at(id);
    if (!broker.running || !broker.alter_request)
        return false;
    const auto request = *std::exchange(broker.alter_request, std::nullopt);
    wire::AlterPartitionResponse response;
    if (request.broker_epoch != registrations_.brokers.at(id).epoch.value()) {
        response.error_code = static_cast<std::int16_t>(ErrorCode::StaleBrokerEpoch);
        broker.alter_response = response;
        return true;
    }
    for (const auto& topic : request.topics) {
        auto& answer_topic = response.topics.emplace_back();
        answer_topic.topic_id = topic.topic_id;
        for (const auto& part : topic.partitions) {
            auto& answer = answer_topic.partitions.emplace_back();
            const ErrorCode error = validate(broker, part);
            answer.error_code = static_cast<std::int16_t>(error);
            if (error != ErrorCode::None)
                continue;
            PartitionNews next = state_;
            next.isr.clear();
            for (const auto& member : part.new_isr_with_epochs) {
                next.isr.emplace_back(member.broker_id);
            }
            next.recovering = part.leader_recovery_state != 0;
            change(next);
            if (broker.leader)
                waive_if_gap_open(broker);
            answer.leader_id = state_.leader->value();
            answer.leader_epoch = state_.leader_epoch.value();
            answer.partition_epoch = state_.partition_epoch.value();
            for (const BrokerId member : state_.isr)
                answer.isr.push_back(member.value());
        }
    }
    broker.alter_response = response;
    return true;
}

bool Lab::deliver_alter(BrokerId id) {
    LabBroker& broker = at(id);
    if (!broker.running || !broker.alter_response)
        return false;
    const auto response = *std::exchange(broker.alter_response, std::nullopt);
    AlterPartitionEffects effects;
    broker.proposals->answered(now, response, broker.epoch, effects);
    run(broker, effects);
    return true;
}

bool Lab::lose_alter(BrokerId id) {
    LabBroker& broker = at(id);
    if (!broker.running || (!broker.alter_request && !broker.alter_response))
        return false;
    broker.alter_request.reset();
    broker.alter_response.reset();
    AlterPartitionEffects effects;
    broker.proposals->request_failed(effects);
    run(broker, effects);
    return true;
}

void Lab::run(LabBroker& broker, AlterPartitionEffects& effects) {
    for (const AlterPartitionEffect& effect : effects) {
        if (const auto* send = std::get_if<SendAlterPartition>(&effect)) {
            broker.alter_request = send->request;
        } else if (const auto* answer = std::get_if<AnswerIsrProposal>(&effect)) {
            if (!broker.leader)
                continue;
            LeaderEffects out;
            broker.leader->isr_answered(context(broker), answer->proposal, answer->answer, out);
            run(broker, out);
        } else {
            AlterPartitionEffects out;
            broker.proposals->retry_due(broker.epoch, out);
            run(broker, out);
        }
    }
}

void Lab::check_isr(BrokerId id) {
    LabBroker& broker = at(id);
    if (!broker.leader)
        return;
    LeaderEffects out;
    broker.leader->isr_check_due(context(broker), out);
    run(broker, out);
}

// ---- Roles

bool Lab::deliver_news(BrokerId id) {
    LabBroker& broker = at(id);
    if (!broker.running || broker.news.empty())
        return false;
    const LabNews news = broker.news.front();
    broker.news.pop_front();
    broker.view = news.registrations;
    broker.view.own = broker.epoch;
    if (news.partition)
        apply(broker, *news.partition);
    return true;
}

void Lab::apply(LabBroker& broker, const PartitionNews& news) {
    if (broker.known && broker.leader) {
        broker.known->partition_epoch = broker.leader->partition_epoch();
    }
    const RoleChange role = role_change(broker.known, news, broker.id);
    if (role == RoleChange::Ignore)
        return;
    broker.known = KnownRole{news.leader == broker.id, news.leader_epoch, news.partition_epoch};
    if (role == RoleChange::BecomeLeader)
        become_leader(broker, news);
    if (role == RoleChange::BecomeFollower)
        become_follower(broker, news);
    if (role == RoleChange::StayLeader) {
        if (broker.leader->isr_state() != IsrState::Committed &&
            broker.leader->partition_epoch() == news.partition_epoch) {
            broker.forgot_proposal_at = news.partition_epoch;
        }
        LeaderEffects out;
        broker.leader->metadata_changed(context(broker), news, out);
        run(broker, out);
    }
}

void Lab::become_leader(LabBroker& broker, const PartitionNews& news) {
    stop_fetcher(broker);
    broker.forgot_proposal_at.reset();
    LeaderEffects out;
    LeaderConfig config;
    config.min_insync_replicas = options_.min_insync_replicas;
    broker.leader = std::make_unique<PartitionLeader>(
        context(broker),
        PartitionLeader::Start{broker.id, news, broker.log.start(), broker.log.hw, broker.log.leo(),
                               config},
        out);
    run(broker, out);
}

// There is but one partition: without it the fetcher is idle and ends, with what was under way.
void Lab::stop_fetcher(LabBroker& broker) {
    broker.source.reset();
    broker.fetcher.reset();
    broker.fetch_request.reset();
    broker.fetch_response.reset();
    broker.question.reset();
}

void Lab::become_follower(LabBroker& broker, const PartitionNews& news) {
    broker.leader.reset();
    check_produces(broker);
    if (broker.source != news.leader)
        stop_fetcher(broker);
    if (!news.leader)
        return;
    if (!broker.fetcher) {
        broker.source = news.leader;
        FetcherConfig config;
        config.self = broker.id;
        broker.fetcher = std::make_unique<Fetcher>(config);
    }
    FetcherEffects out;
    broker.fetcher->remove(tp());
    broker.fetcher->add(tp(), "t", {news.leader_epoch, broker.log.facts(), options_.truncation},
                        out);
    run(broker, out);
}

void Lab::run(LabBroker& broker, LeaderEffects& effects) {
    for (const LeaderEffect& effect : effects) {
        if (const auto* start = std::get_if<StartEpoch>(&effect)) {
            broker.log.start_epoch(start->epoch, start->offset);
        } else if (const auto* advance = std::get_if<AdvanceHw>(&effect)) {
            EXPECT_GT(advance->hw, broker.log.hw);
            broker.log.hw = advance->hw;
            true_hw = std::max(true_hw, advance->hw);
            EXPECT_FALSE(broker.leader->under_min_isr());
            waive_if_gap_open(broker);
            for (const RemoteReplica& follower : broker.leader->followers()) {
                if (!broker.leader->in_maximal_isr(follower.id()))
                    continue;
                EXPECT_GE(follower.leo(), std::optional(advance->hw));
            }
        } else if (std::holds_alternative<CompleteProduces>(effect)) {
            check_produces(broker);
        } else if (const auto* propose = std::get_if<ProposeIsr>(&effect)) {
            for (const IsrMember& member : propose->proposal.isr) {
                if (contains(broker.leader->isr(), member.id))
                    continue;
                const auto leo = broker.leader->follower(member.id)->leo();
                EXPECT_GE(leo, std::optional(broker.leader->hw()));
                EXPECT_GE(leo, std::optional(broker.leader->epoch_start()));
            }
            AlterPartitionEffects out;
            broker.proposals->submit(tp(), propose->proposal, broker.epoch, out);
            run(broker, out);
        }
    }
}

// Kafka's own hole, see lab_forgotten_proposal.txt: the mark passes a replica that the controller
// has taken into the ISR, because the leader has forgotten that it asked for that.
void Lab::waive_if_gap_open(const LabBroker& broker) {
    if (broker.forgot_proposal_at != broker.leader->partition_epoch())
        return;
    for (const BrokerId id : state_.isr) {
        if (broker.leader->in_maximal_isr(id) || at(id).log.leo() >= broker.log.hw)
            continue;
        unclean = true;
        ++gaps;
    }
}

void Lab::check_produces(LabBroker& broker) {
    std::vector<CompletedProduce> done;
    broker.produces.check(tp(), LabProduceView(broker.leader.get()), done);
    finish(broker, done);
}

void Lab::finish(LabBroker& broker, std::vector<CompletedProduce>& done) {
    for (const CompletedProduce& completed : done) {
        const ProducePart& part = completed.parts.front();
        if (part.answer != ErrorCode::None)
            continue;
        const Offset offset(part.required.value() - 1);
        EXPECT_LT(offset, broker.log.hw);
        EXPECT_GE(broker.leader->maximal_isr_size(), broker.leader->effective_min_isr());
        // Deleted records need not be kept, but were held when they were acknowledged.
        if (offset >= broker.log.start())
            acked[offset] = broker.log.at(offset);
    }
}

// ---- Clients

ErrorCode Lab::produce(BrokerId id, std::int64_t value, std::int16_t acks) {
    LabBroker& broker = at(id);
    if (!broker.running || !broker.leader)
        return ErrorCode::NotLeaderOrFollower;
    const ErrorCode error = broker.leader->admit_produce(acks);
    if (error != ErrorCode::None)
        return error;
    broker.log.append({broker.leader->leader_epoch(), value});
    LeaderEffects out;
    broker.leader->local_appended(context(broker), broker.log.leo(), out);
    run(broker, out);
    if (acks == -1) {
        std::vector<CompletedProduce> done;
        broker.produces.add({OperationId(next_operation_++),
                             now + seconds(30),
                             {{tp(), broker.log.leo(), std::nullopt}}},
                            LabProduceView(broker.leader.get()), done);
        finish(broker, done);
    }
    return ErrorCode::None;
}

void Lab::delete_records(BrokerId id, Offset offset) {
    LabBroker& broker = at(id);
    if (!broker.leader || offset > broker.log.hw)
        return;
    broker.log.raise_start(offset);
    LeaderEffects out;
    broker.leader->log_start_moved(context(broker), broker.log.start(), out);
    run(broker, out);
}

void Lab::settle() {
    for (int round = 0; round < 500; ++round) {
        for (auto& [id, broker] : brokers_) {
            while (deliver_news(id)) {
            }
            send_fetch(id);
            answer_fetch(id);
            deliver_fetch(id);
            answer_question(id);
            answer_alter(id);
            deliver_alter(id);
        }
        now = now + milliseconds(100);
    }
}

}  // namespace bsim::replication
