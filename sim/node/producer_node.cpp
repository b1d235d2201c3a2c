#include "sim/node/producer_node.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "sim/wire/messages/produce_request.h"

namespace bsim {

ProducerNode::ProducerNode(const NodeEnv& env,
                           NodeName name,
                           HostId host,
                           const ProducerSetup& setup,
                           SendHistory& history)
    : Process(env, std::move(name), host),
      settings_(setup.settings),
      records_(setup.records),
      history_(history),
      draws_(env.rng.stream("client/" + this->name().text())),
      sockets_(*this, setup.host_by_name, [this](SocketNews news) {
          std::visit([this](auto& one) { step(std::move(one)); }, news);
      }) {}

ProducerNode::~ProducerNode() = default;

void ProducerNode::boot() {
    producer_ = std::make_unique<client::Producer>(settings_);
    alarm_ = std::make_unique<Alarm>(*this, [this] { step(client::TimerFired{}); });
    step(client::Started{});
    if (started_)
        started_();
}

void ProducerNode::halt() {
    producer_.reset();
    alarm_.reset();
    sockets_.forget();
    blocked_ = false;
}

void ProducerNode::begin_shutdown() {
    step(client::CloseRequested{});
}

SharedBytes ProducerNode::value(client::RecordId id) const {
    return serialize_value(records_.value, value_text(records_, name(), id));
}

void ProducerNode::offer(client::RecordReady record) {
    if (!alive())
        return;
    // No event of the trace makes an application send.
    CauseScope scope(env().tracer, EventNumber{});
    step(std::move(record));
}

void ProducerNode::step(const client::ProducerInput& input) {
    if (producer_ == nullptr)
        return;
    client::ProducerEffects effects;
    producer_->step(now(), draws_.bits(), input, effects);
    for (client::ProducerEffect& effect : effects) {
        std::visit([this](auto& e) { run(e); }, effect);
    }
    // Only now: whoever hears it may call send() at once, which is the next step.
    if (std::exchange(unblocked_now_, false) && unblocked_)
        unblocked_();
}

void ProducerNode::run(client::SendRequest& effect) {
    if (!sockets_.knows(effect.connection))
        return;
    if (const auto* produce = std::get_if<wire::ProduceRequest>(&effect.request.body)) {
        history_.sent(now(), name(), BrokerId(effect.node.value()), *produce);
    }
    sockets_.run(effect);
}

void ProducerNode::run(const client::ArmTimer& effect) {
    alarm_->arm(effect.at);
}

void ProducerNode::run(const client::BatchAcked& effect) {
    const auto batch = history_.completed(
        now(), name(),
        {OpType::Ok, effect.partition, effect.base_offset, effect.records, records_});
    ProduceAcked event;
    event.p = effect.partition;
    event.base = effect.base_offset.value_or(Offset(-1));
    event.count = effect.count;
    event.epoch = effect.leader_epoch.value_or(LeaderEpoch(-1));
    event.latency_ns = effect.latency;
    event.acks = static_cast<std::int32_t>(settings_.acks);
    if (batch) {
        event.broker = batch->to;
        event.crc = batch->crc;
        event.producer_id = batch->producer_id;
    }
    emit(std::move(event));
}

void ProducerNode::run(const client::BatchFailed& effect) {
    const OpType type = effect.may_be_applied ? OpType::Info : OpType::Fail;
    history_.completed(now(), name(),
                       {type, effect.partition, std::nullopt, effect.records, records_});
    emit(ProduceFailed{effect.partition, effect.count,
                       std::string(client::error_name(effect.cause, effect.error)),
                       effect.latency});
}

void ProducerNode::run(const client::RecordFailed& effect) {
    const TopicPartition p{effect.topic, effect.partition.value_or(kUnknownPartition)};
    history_.completed(now(), name(), {OpType::Fail, p, std::nullopt, {effect.id}, records_});
    emit(ProduceFailed{p, 1, std::string(client::error_name(effect.cause, effect.error)),
                       effect.latency});
}

void ProducerNode::run(const client::Blocked& /*effect*/) {
    blocked_ = true;
}

void ProducerNode::run(const client::Unblocked& /*effect*/) {
    blocked_ = false;
    unblocked_now_ = true;
}

void ProducerNode::run(const client::ProducerIdAssigned& /*effect*/) {}

void ProducerNode::run(const client::Closed& /*effect*/) {
    exit_gracefully();
}

}  // namespace bsim
