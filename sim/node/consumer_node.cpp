#include "sim/node/consumer_node.h"

#include <string>
#include <utility>
#include <variant>

namespace bsim {
namespace {

// How long the application lets poll() wait for records.
constexpr SimDuration kPollTimeout = seconds(1);

// From SIGTERM to the call of close(), and from the members' answers to JoinGroup to those of
// SyncGroup, less what the network and the brokers take: measured on Kafka 3.9 with a JVM for each
// consumer (14 stops: 6 to 130 ms; 32 rebalances: half below 24 ms, most below 50 ms).
constexpr LognormalDist kShutdownHook{milliseconds(25), milliseconds(130)};
constexpr LognormalDist kAssignment{milliseconds(16), milliseconds(110)};

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
      topics_(setup.topics),
      commit_(setup.commit),
      history_(history.sink, history.processes, this->name()),
      draws_(env.rng.stream("client/" + this->name().text())),
      jvm_draws_(env.rng.stream("client/" + this->name().text() + "/jvm")),
      record_work_(setup.process,
                   env.rng.stream("client/" + this->name().text() + "/process"),
                   env.rng.stream("client/" + this->name().text() + "/slow")),
      sockets_(*this, setup.host_by_name, [this](SocketNews news) {
          std::visit([this](auto& one) { step(std::move(one)); }, news);
      }) {
    BSIM_CHECK(settings_.group ? assigned_.empty() && !topics_.empty() : !assigned_.empty());
    if (settings_.group && commit_ != CommitMode::Auto)
        settings_.group->enable_auto_commit = false;
}

ConsumerNode::~ConsumerNode() = default;

void ConsumerNode::boot() {
    stopping_ = false;
    consumer_ = std::make_unique<client::Consumer>(settings_, assigned_);
    alarm_ = std::make_unique<Alarm>(*this, [this] { step(client::TimerFired{}); });
    step(client::Started{});
    if (settings_.group) {
        step(client::SubscribeCalled{{topics_.begin(), topics_.end()}});
    } else if (settings_.auto_offset_reset == client::OffsetReset::None) {
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
    owned_.clear();
    work_.clear();
}

// While the application works on records, it finishes them first.
void ConsumerNode::begin_shutdown() {
    static const LatencySampler hook(kShutdownHook);
    after(hook.sample(jvm_draws_), [this] {
        if (std::exchange(stopping_, true))
            return;
        if (consumer_->polling())
            step(client::CloseRequested{});
    });
}

void ConsumerNode::call_poll() {
    history_.called(now());
    step(client::PollCalled{kPollTimeout});
}

void ConsumerNode::go_on() {
    if (stopping_) {
        step(client::CloseRequested{});
    } else {
        call_poll();
    }
}

void ConsumerNode::go_on_after(SimDuration work) {
    after(work, [this] { go_on(); });
}

// --- The application's work ------------------------------------------------------------------

void ConsumerNode::plan(const client::RecordsReady& ready) {
    const bool commits =
        settings_.group && commit_ != CommitMode::Auto && commit_ != CommitMode::None;
    const bool each = commits && commit_ == CommitMode::AfterEach;
    std::int64_t records = 0;
    for (const client::PartitionRecords& partition : ready.partitions) {
        records += static_cast<std::int64_t>(partition.records.size());
        for (const client::ConsumedRecord& record : partition.records) {
            if (!each)
                break;
            const client::CommittableOffset next{record.offset + 1, std::nullopt};
            work_.push_back({1, true, client::CommittableOffsets{{partition.partition, next}}});
        }
    }
    if (each)
        return;
    const bool before = commits && commit_ == CommitMode::BeforeWork;
    if (before && records > 0)
        work_.push_back({0, true, std::nullopt});
    // While something makes the work slow, each record has its turn: it may be over by the next.
    for (; record_work_.is_slow() && records > 1; --records)
        work_.push_back({1, false, std::nullopt});
    work_.push_back({records, commits && !before && records > 0, std::nullopt});
}

void ConsumerNode::next_work() {
    if (work_.empty())
        return go_on_after(SimDuration());
    SimDuration span;
    for (std::int64_t i = 0; i < work_.front().records; ++i)
        span = span + record_work_.draw();
    after(span, [this] { finish_work(); });
}

void ConsumerNode::finish_work() {
    const Work done = std::move(work_.front());
    work_.pop_front();
    if (done.commits) {
        step(client::CommitCalled{true, done.offsets});
    } else if (work_.empty()) {
        go_on();
    } else {
        next_work();
    }
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

void ConsumerNode::run(client::SendRequest& effect) {
    const auto* sync = std::get_if<wire::SyncGroupRequest>(&effect.request.body);
    if (sync == nullptr || sync->assignments.empty())
        return sockets_.run(effect);
    static const LatencySampler assignment(kAssignment);
    after(assignment.sample(jvm_draws_),
          [this, request = std::make_unique<client::SendRequest>(std::move(effect))] {
              sockets_.run(*request);
          });
}

void ConsumerNode::run(const client::ArmTimer& effect) {
    alarm_->arm(effect.at);
}

void ConsumerNode::run(const client::RecordsReady& effect) {
    for (const client::PartitionRecords& partition : effect.partitions)
        tell(partition);
    history_.returned(now(), effect);
    plan(effect);
    next_work();
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
        for (const TopicPartition& p : settings_.group ? owned_ : assigned_)
            tell_failed(p, std::nullopt, std::nullopt);
        // A member that owns nothing: of its first topic, no partition.
        if (settings_.group && owned_.empty())
            tell_failed({topics_.front(), PartitionIndex(-1)}, std::nullopt, std::nullopt);
    }
    history_.threw(now());
    stopping_ = true;
    go_on_after(SimDuration());
}

void ConsumerNode::run(const client::AssignmentUpdated& effect) {
    owned_ = effect.owned;
    history_.owns(owned_);
    emit(AssignmentChanged{group(), owned_, effect.generation,
                           std::string(client::name(effect.why)), effect.member_id});
}

void ConsumerNode::run(const client::CommitBegun& effect) {
    history_.commit_begun(now(), effect);
}

void ConsumerNode::run(const client::CommitEnded& effect) {
    history_.commit_ended(now(), effect);
    if (!effect.error.empty())
        emit(CommitFailed{group(), effect.error, effect.generation});
    if (effect.kind == client::CommitKind::Sync)
        next_work();
}

void ConsumerNode::run(const client::CommitRetried& effect) {
    emit(CommitRetried{group(), effect.error, effect.generation});
}

void ConsumerNode::run(const client::PositionReset& effect) {
    history_.moved(effect.partition, effect.to);
    emit(PositionReset{effect.partition, effect.from.value_or(Offset(-1)), effect.to,
                       std::string(client::name(effect.why))});
}

void ConsumerNode::run(const client::Closed& /*effect*/) {
    exit_gracefully();
}

}  // namespace bsim
