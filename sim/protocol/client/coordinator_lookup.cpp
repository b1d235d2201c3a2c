#include "sim/protocol/client/coordinator_lookup.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "sim/base/check.h"
#include "sim/wire/messages/find_coordinator_request.h"
#include "sim/wire/messages/find_coordinator_response.h"

namespace bsim::client {

using wire::ErrorCode;

namespace {

constexpr std::int8_t kGroupKey = 0;
// Since then the coordinators of many keys are asked for at once.
constexpr std::int16_t kFirstWithKeys = 4;

}  // namespace

CoordinatorLookup::CoordinatorLookup(const ConsumerSettings& settings)
    : group_id_(settings.group->group_id),
      backoff_(client_backoff(settings.retry_backoff_ms, settings.retry_backoff_max_ms)) {}

std::optional<NodeId> CoordinatorLookup::coordinator(SimTime now, const ConsumerNetwork& network) {
    if (coordinator_ && network.unavailable(now, *coordinator_))
        coordinator_.reset();
    return coordinator_;
}

void CoordinatorLookup::mark_unknown(ConsumerNetwork& network, bool disconnected) {
    if (!coordinator_)
        return;
    if (!disconnected)
        network.disconnect_soon(*coordinator_);
    coordinator_.reset();
}

// --- Asking ----------------------------------------------------------------------------------

bool CoordinatorLookup::ask(ConsumerTurn& turn, ConsumerNetwork& network) {
    if (asked_)
        return true;
    const std::optional<NodeId> node = network.least_loaded_node(turn);
    if (!node)
        return false;
    wire::FindCoordinatorRequest request;
    request.key_type = kGroupKey;
    request.coordinator_keys.push_back(group_id_);
    Question question;
    question.id = network.enqueue(turn.now, {*node, std::move(request), kFirstWithKeys});
    requests_.insert(question.id);
    asked_ = question;
    network.send_queued(turn);
    return true;
}

Progress CoordinatorLookup::ensure_known(ConsumerTurn& turn,
                                         ConsumerNetwork& network,
                                         SimTime deadline) {
    if (phase_ == Phase::Idle) {
        if (coordinator(turn.now, network))
            return Progress::Done;
        attempts_ = 0;
        phase_ = Phase::Ask;
    }
    while (true) {
        if (const std::optional<Progress> end = advance(turn, network, deadline))
            return *end;
    }
}

std::optional<Progress> CoordinatorLookup::advance(ConsumerTurn& turn,
                                                   ConsumerNetwork& network,
                                                   SimTime deadline) {
    switch (phase_) {
        case Phase::Idle:
            BSIM_CHECK(false);
        case Phase::Ask:
            if (ask(turn, network)) {
                phase_ = Phase::Answer;
            } else {
                begin_sleep(turn, deadline, Phase::SleepAfterFailure);
            }
            return std::nullopt;
        case Phase::Answer:
            return await_answer(turn, network, deadline);
        case Phase::SleepAfterFailure:
            if (turn.now < sleep_until_)
                return Progress::Sleeps;
            network.metadata().request_update();
            metadata_version_ = network.metadata().update_version();
            phase_ = Phase::Metadata;
            return std::nullopt;
        case Phase::Metadata:
            if (network.metadata().update_version() == metadata_version_ && turn.now < deadline)
                return Progress::Waits;
            phase_ = Phase::Check;
            return std::nullopt;
        case Phase::SleepAfterLoss:
            if (turn.now < sleep_until_)
                return Progress::Sleeps;
            phase_ = Phase::Check;
            return std::nullopt;
        case Phase::Check:
            forget_question();
            if (coordinator(turn.now, network) || turn.now >= deadline) {
                phase_ = Phase::Idle;
                return coordinator_ ? Progress::Done : Progress::GaveUp;
            }
            phase_ = Phase::Ask;
            return std::nullopt;
    }
    return std::nullopt;
}

std::optional<Progress> CoordinatorLookup::await_answer(ConsumerTurn& turn,
                                                        ConsumerNetwork& network,
                                                        SimTime deadline) {
    if (!asked_) {
        phase_ = Phase::Check;
        return std::nullopt;
    }
    if (!asked_->answered) {
        if (turn.now < deadline)
            return Progress::Waits;
        // The question stays; its answer is for whoever asks next.
        phase_ = Phase::Idle;
        return coordinator(turn.now, network) ? Progress::Done : Progress::GaveUp;
    }
    if (asked_->failure) {
        if (!asked_->failure->retriable()) {
            failure_ = std::move(asked_->failure);
            forget_question();
            phase_ = Phase::Idle;
            return Progress::GaveUp;
        }
        begin_sleep(turn, deadline, Phase::SleepAfterFailure);
    } else if (coordinator_ && network.unavailable(turn.now, *coordinator_)) {
        mark_unknown(network, false);
        begin_sleep(turn, deadline, Phase::SleepAfterLoss);
    } else {
        phase_ = Phase::Check;
    }
    return std::nullopt;
}

void CoordinatorLookup::begin_sleep(ConsumerTurn& turn, SimTime deadline, Phase then) {
    const SimDuration backoff = backoff_.after(attempts_++, turn.draws.next());
    sleep_until_ = std::max(turn.now, std::min(turn.now + backoff, deadline));
    phase_ = then;
}

// --- Answers ---------------------------------------------------------------------------------

CoordinatorLookup::News CoordinatorLookup::handle(ConsumerTurn& turn,
                                                  const RequestOutcome& outcome,
                                                  ConsumerNetwork& network) {
    if (requests_.erase(outcome.id) == 0)
        return News::NotMine;
    if (outcome.outcome != ClientResponse::Outcome::Answered) {
        GroupFailure failure{GroupFailure::Kind::Disconnected};
        if (outcome.outcome == ClientResponse::Outcome::TimedOut)
            failure.kind = GroupFailure::Kind::TimedOut;
        if (outcome.outcome == ClientResponse::Outcome::VersionUnsupported)
            failure = {GroupFailure::Kind::Answered, ErrorCode::UnsupportedVersion};
        answered(outcome, std::move(failure));
        return News::Failed;
    }
    const auto& body = std::get<wire::FindCoordinatorResponse>(outcome.response->body);
    BSIM_CHECK(body.coordinators.size() == 1);
    const auto& told = body.coordinators.front();
    const ErrorCode error = wire::error_code(told.error_code);
    if (error != ErrorCode::None) {
        answered(outcome, GroupFailure{GroupFailure::Kind::Answered, error});
        return News::Failed;
    }
    const NodeId node(std::numeric_limits<std::int32_t>::max() - told.node_id);
    network.add_node({node, {told.host, told.port}, std::nullopt});
    coordinator_ = node;
    network.try_connect(turn, node);
    answered(outcome, std::nullopt);
    return News::Found;
}

void CoordinatorLookup::answered(const RequestOutcome& outcome,
                                 std::optional<GroupFailure> failure) {
    last_failure_ = failure;
    if (!asked_ || asked_->id != outcome.id)
        return;
    asked_->answered = true;
    asked_->failure = std::move(failure);
}

}  // namespace bsim::client
