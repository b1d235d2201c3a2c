#include "sim/node/controller_life.h"

#include <memory>
#include <utility>
#include <variant>

#include "sim/node/api_versions.h"
#include "sim/node/request_costs.h"

namespace bsim {
namespace {

// The controller's request in this message, if it is one.
std::optional<controller::ControllerRequest> controller_request(wire::RequestBody& body) {
    return std::visit(
        [](auto& request) -> std::optional<controller::ControllerRequest> {
            using Request = std::decay_t<decltype(request)>;
            if constexpr (std::is_constructible_v<controller::ControllerRequest, Request>) {
                return controller::ControllerRequest(std::move(request));
            } else {
                return std::nullopt;
            }
        },
        body);
}

bool is_quorum_request(const wire::RequestBody& body) {
    return std::holds_alternative<wire::FetchRequest>(body) ||
           std::holds_alternative<wire::VoteRequest>(body) ||
           std::holds_alternative<wire::BeginQuorumEpochRequest>(body) ||
           std::holds_alternative<wire::EndQuorumEpochRequest>(body) ||
           std::holds_alternative<wire::FetchSnapshotRequest>(body) ||
           std::holds_alternative<wire::DescribeQuorumRequest>(body);
}

// A record by which a broker is fenced, if there is one.
std::optional<BrokerId> fenced_broker(const std::vector<wire::VersionedRecord>& records) {
    for (const wire::VersionedRecord& versioned : records) {
        const auto* change = std::get_if<wire::BrokerRegistrationChangeRecord>(&versioned.record);
        if (change != nullptr && change->fenced == 1)
            return BrokerId(change->broker_id);
    }
    return std::nullopt;
}

controller::ControllerConfig controller_config(const ServerNode& node) {
    const BrokerConfig& config = node.settings().config;
    controller::ControllerConfig out;
    out.node = node.id();
    out.cluster_id = node.cluster().cluster_id;
    out.session_timeout = config.broker_session_timeout;
    out.max_idle_interval = config.metadata_max_idle_interval;
    if (config.metadata_max_idle_interval <= SimDuration(0))
        out.max_idle_interval.reset();
    out.imbalance_check_interval = config.leader_imbalance_check_interval;
    if (!config.auto_leader_rebalance_enable)
        out.imbalance_check_interval.reset();
    out.unclean_check_interval = config.unclean_leader_election_interval;
    out.default_replication_factor = static_cast<std::int16_t>(config.default_replication_factor);
    out.num_partitions = config.num_partitions;
    out.unclean_leader_election = config.log.unclean_leader_election_enable;
    out.delete_topic_enable = config.delete_topic_enable;
    return out;
}

lifecycle::ChannelConfig registration_channel(const BrokerConfig& config) {
    lifecycle::ChannelConfig out;
    out.retry_timeout = seconds(5);
    out.socket_timeout = config.controller_socket_timeout;
    return out;
}

Uuid process_uuid(const Process& process) {
    return process.env()
        .rng
        .stream("uuid/" + process.name().text() + "/incarnation-" +
                std::to_string(process.life().incarnation()))
        .uuid();
}

}  // namespace

ControllerLife::StreamDraws::StreamDraws(const Process& process)
    : placement_(process.env().rng.stream("controller/" + process.name().text() + "/placement/" +
                                          std::to_string(process.life().incarnation()))),
      topic_ids_(process.env().rng.stream("controller/" + process.name().text() + "/topic-ids/" +
                                          std::to_string(process.life().incarnation()))) {}

std::int32_t ControllerLife::StreamDraws::next_int(std::int32_t bound) {
    return static_cast<std::int32_t>(placement_.below(static_cast<std::uint64_t>(bound)));
}

Uuid ControllerLife::StreamDraws::next_uuid() {
    Uuid id = topic_ids_.uuid();
    while (id.to_string().front() == '-')
        id = topic_ids_.uuid();
    return id;
}

ControllerLife::ControllerLife(const Parts& parts)
    : process_(parts.node),
      log_(parts.log),
      raft_(parts.raft),
      announced_(parts.announced),
      server_(parts.node,
              server_threads(parts.node.settings().config),
              parts.node.request_errors(),
              [this](const RequestRef& r, wire::Request& m) { serve(r, m); }),
      events_(parts.node),
      controller_(controller_config(parts.node)),
      draws_(parts.node),
      alarm_(parts.node,
             [this] {
                 if (!std::exchange(timer_queued_, true))
                     events_.post(controller_event_cost(), [this] { step_time(); });
             }),
      incarnation_(process_uuid(parts.node)),
      registrar_(incarnation_),
      registrations_(
          {parts.node, "registration", parts.node.cluster().controller_address,
           [this] { return raft_.leader(); }, ConnectionSetup::of(parts.node.settings().config)},
          registration_channel(parts.node.settings().config)),
      registrar_alarm_(parts.node, [this] { step(lifecycle::RegistrarTimerFired{}); }),
      registrar_draws_(parts.node.env().rng.stream("controller/" + parts.node.name().text() +
                                                   "/registration")) {}

void ControllerLife::start() {
    process_.accept_connections(kControllerPort);
    registrations_.start();
}

controller::StepContext ControllerLife::context() {
    const Offset next = raft_.leading_epoch() ? raft_.next_append_offset() : log_.end_offset();
    return {process_.now(), next, draws_};
}

void ControllerLife::serve(const RequestRef& request, wire::Request& message) {
    if (is_quorum_request(message.body))
        return raft_.serve(server_, request, message.body);
    if (std::holds_alternative<wire::ApiVersionsRequest>(message.body)) {
        return server_.answer(request, api_versions_response(NodeKind::Controller));
    }
    auto body = controller_request(message.body);
    if (!body)
        return server_.disconnect(request);
    arrived_.push_back({request, std::move(*body)});
    events_.post(controller_event_cost(), [this] { take_request(); });
}

void ControllerLife::take_request() {
    Arrived arrived = std::move(arrived_.front());
    arrived_.pop_front();
    const controller::RequestToken token(next_token_++);
    waiting_.emplace(token, arrived.request);
    controller::ControllerEffects effects;
    controller_.request_arrived(context(),
                                {token, arrived.request.version, std::move(arrived.body)}, effects);
    run(effects);
}

void ControllerLife::step_time() {
    timer_queued_ = false;
    controller::ControllerEffects effects;
    controller_.time_passed(context(), effects);
    run(effects);
}

void ControllerLife::committed(const MetadataLog::Batch& batch) {
    batches_.push_back(batch);
    if (!batch.control)
        apply(batch);
}

// What is committed is known, and told, at once; acting on it takes its turn.
void ControllerLife::caught_up(Offset hw) {
    std::int64_t records = 0;
    for (const MetadataLog::Batch& batch : batches_)
        records += batch.control ? 0 : static_cast<std::int64_t>(batch.records.size());
    events_.post(controller_replay_cost(records), [this, hw] {
        controller::ControllerEffects effects;
        controller_.commits_handled(hw, effects);
        run(effects);
        publish();
    });
    const std::vector<MetadataLog::Batch> applied = std::exchange(batches_, {});
    if (snapshots_ != nullptr)
        snapshots_->applied(applied);
}

void ControllerLife::apply(const MetadataLog::Batch& batch) {
    const auto why = causes_.lower_bound(batch.base_offset);
    const bool known = why != causes_.end() && why->first <= batch.last_offset;
    CauseScope scope(process_.env().tracer, known ? why->second : process_.cause());
    causes_.erase(causes_.begin(), causes_.upper_bound(batch.last_offset));
    controller::ControllerEffects effects;
    // A new life replays what an earlier one has told already.
    const bool news =
        raft_.leading_epoch().has_value() && announced_.is_news(batch.base_offset, batch.epoch);
    if (news)
        announced_ = {batch.last_offset + 1, batch.epoch};
    controller_.batch_committed({batch.base_offset, batch.records, news}, effects);
    run(effects);
}

void ControllerLife::publish() {
    const MetadataImage& image = controller_.committed();
    lifecycle::MetadataPublished now;
    now.registrations_supported = image.last_offset().has_value();
    const auto own = image.controllers().find(process_.id());
    if (own != image.controllers().end())
        now.registered = own->second.incarnation;
    if (now == published_)
        return;
    published_ = now;
    step(now);
}

void ControllerLife::snapshot_loaded(const kraft::OffsetAndEpoch& id,
                                     const std::vector<wire::VersionedRecord>& records) {
    controller_.snapshot_loaded(MetadataImage::of_snapshot(records, id.offset));
    if (snapshots_ != nullptr)
        snapshots_->loaded(id);
}

void ControllerLife::leader_changed(LeaderEpoch epoch, std::optional<BrokerId> leader) {
    const SimDuration cost =
        leader == process_.id() ? controller_activation_cost() : controller_event_cost();
    events_.post(cost, [this, epoch, leader] { apply_leader(epoch, leader); });
}

void ControllerLife::apply_leader(LeaderEpoch epoch, std::optional<BrokerId> leader) {
    controller::ControllerEffects effects;
    if (leader == process_.id()) {
        process_.emit(ControllerElected{epoch});
        controller_.became_active(context(), epoch, effects);
        run(effects);
        return;
    }
    if (controller_.is_active())
        process_.emit(ControllerResigned{*controller_.active_epoch()});
    controller_.resigned(effects);
    run(effects);
}

void ControllerLife::step(const lifecycle::RegistrarInput& input) {
    lifecycle::RegistrarEffects effects;
    registrar_.step({process_.now(), registrar_draws_.bits()}, input, effects);
    for (const lifecycle::RegistrarEffect& effect : effects) {
        std::visit([this](const auto& e) { run_effect(e); }, effect);
    }
}

void ControllerLife::run_effect(const lifecycle::ArmRegistrarTimer& effect) {
    registrar_alarm_.arm(effect.at);
}

void ControllerLife::run_effect(const lifecycle::SendControllerRegistration& /*effect*/) {
    wire::ControllerRegistrationRequest request;
    request.controller_id = process_.id().value();
    request.incarnation_id = incarnation_;
    request.zk_migration_ready = false;
    auto& listener = request.listeners.emplace_back();
    listener.name = "CONTROLLER";
    listener.host = process_.name().text();
    listener.port = kControllerPort;
    for (const SupportedFeature& feature : kSupportedFeatures) {
        auto& out = request.features.emplace_back();
        out.name = feature.name;
        out.min_supported_version = feature.min;
        out.max_supported_version = feature.max;
    }
    registrations_.send(request, [this](std::optional<wire::ResponseBody> answer) {
        if (!answer)
            return step(lifecycle::RegistrarGaveUp{});
        const auto& response = std::get<wire::ControllerRegistrationResponse>(*answer);
        step(lifecycle::RegistrarAnswered{static_cast<wire::ErrorCode>(response.error_code)});
    });
}

void ControllerLife::run(const controller::ControllerEffects& effects) {
    for (const controller::ControllerEffect& effect : effects) {
        std::visit([this](const auto& e) { run_effect(e); }, effect);
    }
    alarm_.set(controller_.next_wakeup());
}

void ControllerLife::run_effect(const controller::AppendRecords& effect) {
    const auto fenced = fenced_broker(effect.records);
    CauseScope scope(
        process_.env().tracer,
        fenced ? process_.env().outages.of(NodeName::broker(*fenced)) : process_.cause());
    causes_[effect.base_offset] = process_.cause();
    // Raft may have moved on since: it drops what is not of its epoch.
    raft_.prepare(*controller_.active_epoch(), effect.records);
}

void ControllerLife::run_effect(const controller::Reply& effect) {
    const auto node = waiting_.extract(effect.token);
    BSIM_CHECK(!node.empty());
    std::visit(
        [&](const auto& response) {
            using Response = std::decay_t<decltype(response)>;
            if constexpr (std::is_constructible_v<wire::ResponseBody, Response>) {
                server_.answer(node.mapped(), response);
            } else {
                BSIM_CHECK(false);  // answers a request that no node sends
            }
        },
        effect.body);
}

void ControllerLife::run_effect(const controller::BrokerRegistered& notice) {
    process_.emit(BrokerRegistered{notice.broker, notice.epoch});
}

void ControllerLife::run_effect(const controller::BrokerFenced& notice) {
    process_.emit(BrokerFenced{notice.broker, notice.epoch, std::string(name(notice.why))});
}

void ControllerLife::run_effect(const controller::BrokerUnfenced& notice) {
    process_.emit(BrokerUnfenced{notice.broker, notice.epoch, "caught up"});
}

void ControllerLife::run_effect(const controller::TopicCreated& notice) {
    process_.emit(TopicCreated{notice.topic, notice.id, notice.partitions});
}

void ControllerLife::run_effect(const controller::TopicDeleted& notice) {
    process_.emit(TopicDeleted{notice.topic, notice.id, notice.partitions});
}

void ControllerLife::run_effect(const controller::PartitionChanged& notice) {
    const PartitionRegistration& now = notice.now;
    PartitionChanged event;
    event.p = notice.tp;
    event.leader = now.leader;
    event.leader_epoch = now.leader_epoch;
    event.partition_epoch = now.partition_epoch;
    event.isr = now.isr;
    event.elr = now.elr;
    event.last_known_elr = now.last_known_elr;
    event.replicas = now.replicas;
    event.adding = now.adding;
    event.removing = now.removing;
    event.recovering = now.recovery == LeaderRecoveryState::Recovering;
    event.reason = std::string(name(notice.reason));
    process_.emit(std::move(event));
}

void ControllerLife::run_effect(const controller::LeaderElected& notice) {
    process_.emit(
        LeaderElected{notice.tp, notice.from, notice.to, notice.epoch, notice.isr, notice.clean});
}

}  // namespace bsim
