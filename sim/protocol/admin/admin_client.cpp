#include "sim/protocol/admin/admin_client.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"

namespace bsim::admin {

namespace {

constexpr std::int64_t kJitterPermille = 200;

std::optional<SimTime> earlier(std::optional<SimTime> a, SimTime b) {
    return a ? std::min(*a, b) : b;
}

}  // namespace

AdminClient::AdminClient(AdminConfig config)
    : config_(std::move(config)),
      retry_backoff_{config_.retry_backoff, config_.retry_backoff_max, kJitterPermille},
      reconnect_backoff_{config_.reconnect_backoff, config_.reconnect_backoff_max,
                         kJitterPermille} {
    BSIM_CHECK(!config_.bootstrap.empty());
}

void AdminClient::step(const AdminContext& context, const AdminInput& in, AdminEffects& out) {
    const Step step{context, out};
    std::visit([&](const auto& input) { on(step, input); }, in);
    expire(step);
    assign(step);
    send(step);
    arm_timer(step);
}

void AdminClient::on(const Step& step, const CallSubmitted& in) {
    const SimTime now = step.now();
    calls_.push_back(
        {in.call, in.target, now + config_.default_api_timeout, now, 0, {}, false, {}});
    // A client that was busy all the time would have asked in between.
    const bool is_stale = metadata_updated_ && now - *metadata_updated_ >= config_.metadata_max_age;
    if (is_stale)
        controller_.reset();
}

void AdminClient::on(const Step& step, const CallAnswered& in) {
    const auto call = std::find_if(calls_.begin(), calls_.end(), [&in](const Call& candidate) {
        return candidate.id == in.call && candidate.sent;
    });
    if (call == calls_.end())
        return;
    connections_[*call->on] = Connection{true, 0, SimTime{}};
    if (in.not_controller) {
        controller_.reset();
        metadata_wanted_ = true;
        fail_attempt(step, static_cast<std::size_t>(call - calls_.begin()));
        return;
    }
    calls_.erase(call);
    step.emit(CompleteCall{in.call});
}

void AdminClient::on(const Step& step, const MetadataAnswered& in) {
    const auto call = std::find_if(calls_.begin(), calls_.end(), [](const Call& candidate) {
        return !candidate.id && candidate.sent;
    });
    if (call == calls_.end())
        return;
    connections_[*call->on] = Connection{true, 0, SimTime{}};
    calls_.erase(call);
    metadata_updated_ = step.now();
    // A cluster without a live broker is no news.
    if (in.brokers.empty())
        return;
    brokers_ = in.brokers;
    controller_ = in.controller;
}

void AdminClient::on(const Step& step, const Disconnected& in) {
    disconnected(step, in.broker, in.connect_failed);
}

void AdminClient::on(const Step&, const TimerFired&) {
    armed_.reset();
}

void AdminClient::disconnected(const Step& step, BrokerId broker, bool connect_failed) {
    Connection& connection = connections_[broker];
    connection.is_open = false;
    connection.not_before =
        step.now() + reconnect_backoff_.after(connection.failures, step.context.draw);
    ++connection.failures;
    // Whatever breaks may mean that the cluster has changed.
    metadata_wanted_ = true;
    // Backwards, as a call may leave.
    for (std::size_t i = calls_.size(); i-- > 0;) {
        if (calls_[i].on != broker)
            continue;
        if (calls_[i].sent && !connect_failed) {
            fail_attempt(step, i);
        } else {
            // Never sent: no attempt is lost.
            calls_[i].on.reset();
            calls_[i].sent = false;
        }
    }
}

void AdminClient::fail_attempt(const Step& step, std::size_t index) {
    Call& call = calls_[index];
    call.on.reset();
    call.sent = false;
    call.not_before = step.now() + retry_backoff_.after(call.tries++, step.context.draw);
    if (call.deadline <= step.now())
        give_up(step, index);
}

void AdminClient::give_up(const Step& step, std::size_t index) {
    const std::optional<CallId> id = calls_[index].id;
    calls_.erase(calls_.begin() + static_cast<std::ptrdiff_t>(index));
    // Who needs the metadata will ask again.
    if (id)
        step.emit(FailCall{*id});
}

void AdminClient::expire(const Step& step) {
    for (std::size_t i = calls_.size(); i-- > 0;) {
        if (i >= calls_.size())
            continue;
        const Call& call = calls_[i];
        if (call.sent && call.attempt_deadline <= step.now()) {
            const BrokerId broker = *call.on;
            step.emit(CloseConnection{broker});
            disconnected(step, broker, false);
        } else if (!call.sent && call.deadline <= step.now()) {
            give_up(step, i);
        }
    }
}

// Gives each call that may be tried a broker.
void AdminClient::assign(const Step& step) {
    const bool has_metadata_call =
        std::any_of(calls_.begin(), calls_.end(), [](const Call& call) { return !call.id; });
    for (Call& call : calls_) {
        if (call.sent || call.not_before > step.now())
            continue;
        // Somebody else may be found while a connection has to wait.
        if (call.on && !may_connect(*call.on, step.now()))
            call.on.reset();
        if (call.on)
            continue;
        call.on = target_of(step, call);
        const bool all_busy = controller_ && std::holds_alternative<ToAnyBroker>(call.target);
        if (!call.on && call.id && !all_busy)
            metadata_wanted_ = true;
    }
    if (has_metadata_call)
        return;
    if (!metadata_wanted_ || metadata_due() > step.now())
        return;
    metadata_wanted_ = false;
    metadata_attempt_ = step.now();
    calls_.push_back({std::nullopt,
                      ToAnyBroker{},
                      step.now() + config_.request_timeout,
                      step.now(),
                      0,
                      least_loaded(step),
                      false,
                      {}});
}

// Whom the call is for, if the metadata says so by now.
std::optional<BrokerId> AdminClient::target_of(const Step& step, const Call& call) const {
    if (!call.id)
        return least_loaded(step);
    if (!controller_ || std::holds_alternative<ToController>(call.target))
        return controller_;
    if (std::holds_alternative<ToAnyBroker>(call.target))
        return least_loaded(step);
    const BrokerId named = std::get<BrokerId>(call.target);
    const bool listed = std::find(brokers_.begin(), brokers_.end(), named) != brokers_.end();
    return listed ? std::optional(named) : std::nullopt;
}

SimTime AdminClient::metadata_due() const {
    return metadata_attempt_ ? *metadata_attempt_ + config_.retry_backoff : SimTime{};
}

void AdminClient::send(const Step& step) {
    for (Call& call : calls_) {
        if (!call.on || call.sent || is_busy(*call.on) || !may_connect(*call.on, step.now())) {
            continue;
        }
        const SimTime by = std::min(step.now() + config_.request_timeout, call.deadline);
        call.sent = true;
        call.attempt_deadline = by;
        if (call.id) {
            step.emit(SendCall{*call.on, *call.id, by - step.now()});
        } else {
            step.emit(SendMetadataRequest{*call.on});
        }
    }
}

// Somebody connected and idle, from a drawn one on; else whoever may be connected; else nobody.
std::optional<BrokerId> AdminClient::least_loaded(const Step& step) const {
    const std::vector<BrokerId>& nodes = brokers_.empty() ? config_.bootstrap : brokers_;
    const std::size_t start = step.context.draw % nodes.size();
    std::optional<BrokerId> connectable;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const BrokerId node = nodes[(start + i) % nodes.size()];
        if (is_busy(node))
            continue;
        const auto connection = connections_.find(node);
        if (connection != connections_.end() && connection->second.is_open)
            return node;
        if (!connectable && may_connect(node, step.now()))
            connectable = node;
    }
    return connectable;
}

bool AdminClient::is_busy(BrokerId broker) const {
    return std::any_of(calls_.begin(), calls_.end(),
                       [broker](const Call& call) { return call.sent && call.on == broker; });
}

bool AdminClient::may_connect(BrokerId broker, SimTime now) const {
    const auto connection = connections_.find(broker);
    return connection == connections_.end() || connection->second.not_before <= now;
}

void AdminClient::arm_timer(const Step& step) {
    std::optional<SimTime> at;
    for (const Call& call : calls_) {
        at = earlier(at, call.sent ? call.attempt_deadline : call.deadline);
        if (call.sent)
            continue;
        if (call.not_before > step.now())
            at = earlier(at, call.not_before);
        if (call.on && !may_connect(*call.on, step.now())) {
            at = earlier(at, connections_.at(*call.on).not_before);
        }
        // Nobody to ask: look again when somebody may be connected.
        if (!call.on && std::holds_alternative<ToAnyBroker>(call.target))
            at = earlier(at, step.now() + config_.retry_backoff);
    }
    const bool waits_for_metadata = !calls_.empty() && metadata_wanted_;
    if (waits_for_metadata && metadata_due() > step.now())
        at = earlier(at, metadata_due());
    if (at == armed_)
        return;
    armed_ = at;
    step.emit(ArmTimer{at});
}

}  // namespace bsim::admin
