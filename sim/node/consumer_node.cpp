#include "sim/node/consumer_node.h"

#include <string>
#include <utility>
#include <variant>

namespace bsim {
namespace {

// How long the application lets poll() wait for records.
constexpr SimDuration kPollTimeout = seconds(1);

const char* reason(client::SkipReason why) {
    return why == client::SkipReason::Control ? "control" : "aborted";
}

}  // namespace

ConsumerNode::ConsumerNode(const NodeEnv& env,
                           NodeName name,
                           HostId host,
                           const ConsumerSetup& setup,
                           const History& history)
    : Process(env, std::move(name), host),
      settings_(setup.settings),
      assigned_(setup.assigned),
      history_(history.sink, history.processes),
      draws_(env.rng.stream("client/" + this->name().text())),
      work_draws_(env.rng.stream("client/" + this->name().text() + "/process")),
      sockets_(*this, setup.host_by_name, [this](SocketNews news) {
          std::visit([this](auto& one) { step(std::move(one)); }, news);
      }) {
    if (setup.process)
        process_.emplace(*setup.process);
}

ConsumerNode::~ConsumerNode() = default;

void ConsumerNode::boot() {
    stopping_ = false;
    consumer_ = std::make_unique<client::Consumer>(settings_, assigned_);
    alarm_ = std::make_unique<Alarm>(*this, [this] { step(client::TimerFired{}); });
    step(client::Started{});
    if (settings_.auto_offset_reset == client::OffsetReset::None) {
        for (const TopicPartition& p : assigned_)
            step(client::SeekCalled{p, Offset(0)});
    }
    call_poll();
}

void ConsumerNode::halt() {
    history_.ended(now());
    consumer_.reset();
    alarm_.reset();
    sockets_.forget();
}

// While the application works on records, it finishes them first.
void ConsumerNode::begin_shutdown() {
    stopping_ = true;
    if (consumer_->polling())
        step(client::CloseRequested{});
}

void ConsumerNode::call_poll() {
    history_.called(now());
    step(client::PollCalled{kPollTimeout});
}

void ConsumerNode::go_on_after(SimDuration work) {
    after(work, [this] {
        if (stopping_) {
            step(client::CloseRequested{});
        } else {
            call_poll();
        }
    });
}

void ConsumerNode::step(const client::ConsumerInput& input) {
    if (consumer_ == nullptr)
        return;
    client::ConsumerEffects effects;
    consumer_->step(now(), draws_.bits(), input, effects);
    for (client::ConsumerEffect& effect : effects) {
        std::visit([this](auto& e) { run(e); }, effect);
    }
}

void ConsumerNode::run(const client::ArmTimer& effect) {
    alarm_->arm(effect.at);
}

void ConsumerNode::run(const client::RecordsReady& effect) {
    SimDuration work;
    for (const client::PartitionRecords& partition : effect.partitions) {
        tell(partition);
        if (!process_)
            continue;
        for (std::size_t i = 0; i < partition.records.size(); ++i)
            work = work + process_->sample(work_draws_);
    }
    history_.returned(now(), effect);
    go_on_after(work);
}

void ConsumerNode::tell(const client::PartitionRecords& records) {
    const TopicPartition& p = records.partition;
    const auto tell_skipped = [&](const client::SkippedOffsets& skipped) {
        emit(RecordsSkipped{p, skipped.from, skipped.to, reason(skipped.why)});
    };
    auto skipped = records.skipped.begin();
    const auto end = records.skipped.end();
    if (!records.records.empty()) {
        const Offset first = records.records.front().offset;
        for (; skipped != end && skipped->from < first; ++skipped)
            tell_skipped(*skipped);
        emit(RecordsConsumed{p, first, records.position,
                             static_cast<std::int64_t>(records.records.size()),
                             records.first_epoch.value_or(LeaderEpoch(-1)),
                             records.last_epoch.value_or(LeaderEpoch(-1))});
    }
    for (; skipped != end; ++skipped)
        tell_skipped(*skipped);
}

void ConsumerNode::run(const client::PollTimedOut& /*effect*/) {
    go_on_after(SimDuration());
}

void ConsumerNode::run(const client::PollFailed& effect) {
    const std::string error(client::failure_name(effect));
    const auto tell_failed = [&](const TopicPartition& p, std::optional<Offset> position,
                                 std::optional<Offset> divergence) {
        emit(ConsumeFailed{p, error, position.value_or(Offset(-1)),
                           divergence.value_or(Offset(-1))});
    };
    for (const auto& one : effect.partitions)
        tell_failed(one.partition, one.position, one.divergence);
    if (effect.partitions.empty()) {
        for (const TopicPartition& p : assigned_)
            tell_failed(p, std::nullopt, std::nullopt);
    }
    history_.threw(now());
    stopping_ = true;
    go_on_after(SimDuration());
}

void ConsumerNode::run(const client::PositionReset& effect) {
    emit(PositionReset{effect.partition, effect.from.value_or(Offset(-1)), effect.to,
                       std::string(client::name(effect.why))});
}

void ConsumerNode::run(const client::Closed& /*effect*/) {
    exit_gracefully();
}

}  // namespace bsim
