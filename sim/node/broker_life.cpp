#include "sim/node/broker_life.h"

#include <memory>
#include <utility>
#include <variant>

#include "sim/node/api_versions.h"
#include "sim/node/metadata_answer.h"
#include "sim/node/must.h"
#include "sim/node/request_costs.h"
#include "sim/protocol/admin/alter_configs_check.h"
#include "sim/storage/node_files.h"

namespace bsim {
namespace {

lifecycle::LifecycleConfig lifecycle_config(const BrokerConfig& config) {
    lifecycle::LifecycleConfig out;
    out.heartbeat_interval = config.broker_heartbeat_interval;
    out.session_timeout = config.broker_session_timeout;
    out.initial_registration_timeout = config.initial_broker_registration_timeout;
    out.controlled_shutdown = config.controlled_shutdown_enable;
    return out;
}

}  // namespace

namespace {

replication::Truncation truncation(const Switches& switches) {
    return switches.truncation == Switches::Truncation::ByHighWatermark
               ? replication::Truncation::ByHighWatermark
               : replication::Truncation::ByLeaderEpoch;
}

}  // namespace

BrokerLife::BrokerLife(ServerNode& node, RaftShell& raft, std::function<void()> ended)
    : node_(node),
      raft_(raft),
      ended_(std::move(ended)),
      server_(node,
              server_threads(node.settings().config),
              node.request_errors(),
              [this](const RequestRef& r, wire::Request& m) { serve(r, m); }),
      loader_(node),
      lifecycle_(lifecycle_config(node.settings().config)),
      heartbeats_(link("heartbeat", node.settings().config.broker_session_timeout / 2)),
      alter_partitions_(link("alter-partition", std::nullopt)),
      forwarding_(link("forwarding", seconds(60))),
      assignments_(link("directory-assignments", seconds(60))),
      replicas_(
          {node, node.log_dirs(), server_, alter_partitions_, assignments_, image_, node.id(),
           node.settings().config, truncation(node.settings().switches),
           node.cluster().broker_address, [this] { return lifecycle_.broker_epoch(); },
           [this](const Uuid& dir) {
               step(lifecycle::LogDirFailed{dir, node_.settings().config.log_dir_failure_timeout});
           }}),
      groups_({node, node.log_dirs(), server_, replicas_, forwarding_, image_, node.id(),
               node.settings().config, node.settings().switches}),
      producer_ids_(node, forwarding_, node.id(), [this] { return lifecycle_.broker_epoch(); }),
      lifecycle_alarm_(node, [this] { step(lifecycle::TimerFired{}); }),
      lifecycle_draws_(node.env().rng.stream("broker/" + node.name().text() + "/lifecycle")),
      metadata_draws_(node.env().rng.stream("broker/" + node.name().text() + "/metadata")) {}

ControllerLink BrokerLife::link(const char* purpose, std::optional<SimDuration> retry_timeout) {
    lifecycle::ChannelConfig config;
    config.retry_timeout = retry_timeout;
    config.socket_timeout = node_.settings().config.controller_socket_timeout;
    return ControllerLink(
        {node_, purpose, node_.cluster().controller_address, [this] { return raft_.leader(); },
         ConnectionSetup::of(node_.settings().config)},
        config);
}

void BrokerLife::start() {
    const auto previous = take_clean_shutdown();
    for (ControllerLink* link : {&heartbeats_, &alter_partitions_, &forwarding_})
        link->start();
    const Uuid incarnation = node_.env()
                                 .rng
                                 .stream("uuid/" + node_.name().text() + "/incarnation-" +
                                         std::to_string(node_.life().incarnation()))
                                 .uuid();
    step(lifecycle::Started{incarnation, previous});
}

// The epoch in which the last life ended cleanly, if it did in all directories. The marks are gone
// afterwards. Source: LogManager.readBrokerEpochFromCleanShutdownFiles.
std::optional<BrokerEpoch> BrokerLife::take_clean_shutdown() {
    LogDirs& dirs = node_.log_dirs();
    std::optional<BrokerEpoch> all;
    bool agree = true;
    for (std::size_t dir = 0; dir < dirs.size(); ++dir) {
        Disk& disk = dirs[dir].disk();
        const auto epoch = must(read_clean_shutdown(disk, ""));
        must(remove_clean_shutdown(disk, ""));
        clean_start_.push_back(epoch.has_value());
        agree = agree && epoch && (!all || epoch == all);
        all = epoch;
    }
    return agree ? all : std::nullopt;
}

template <class F>
void BrokerLife::after_disks(F action) {
    LogDirs& dirs = node_.log_dirs();
    dirs.when_done(node_, dirs.settle(node_.now()), std::move(action));
}

void BrokerLife::begin_shutdown() {
    replicas_.begin_controlled_shutdown();
    step(lifecycle::ShutdownRequested{});
}

bool BrokerLife::close_files() {
    if (!stopped_)
        replicas_.close_files();
    return loaded_;
}

void BrokerLife::committed(const MetadataLog::Batch& batch) {
    if (!stopped_)
        batches_.push_back(batch);
}

void BrokerLife::caught_up(Offset hw) {
    std::int64_t records = 0;
    for (const MetadataLog::Batch& batch : batches_)
        records += static_cast<std::int64_t>(batch.records.size());
    auto taken = std::make_unique<std::vector<MetadataLog::Batch>>(std::exchange(batches_, {}));
    loader_.post(metadata_publish_cost(records),
                 [this, hw, news = std::move(taken)] { apply(*news, hw); });
}

void BrokerLife::apply(const std::vector<MetadataLog::Batch>& batches, Offset hw) {
    if (stopped_)
        return;
    for (const MetadataLog::Batch& batch : batches) {
        std::int64_t position = 0;
        for (const wire::VersionedRecord& versioned : batch.records) {
            image_.apply(versioned.record, batch.base_offset + position++, delta_);
        }
    }
    if (publishing_)
        publish();
    if (snapshots_ != nullptr)
        snapshots_->applied(batches);
    step(lifecycle::MetadataApplied{hw + -1});
}

void BrokerLife::snapshot_loaded(const kraft::OffsetAndEpoch& id,
                                 const std::vector<wire::VersionedRecord>& records) {
    if (stopped_)
        return;
    // In its turn: what was committed before may still be waiting.
    auto taken = std::make_unique<std::vector<wire::VersionedRecord>>(records);
    const auto cost = metadata_publish_cost(static_cast<std::int64_t>(records.size()));
    loader_.post(cost, [this, id, news = std::move(taken)] { load(id, *news); });
}

void BrokerLife::load(const kraft::OffsetAndEpoch& id,
                      const std::vector<wire::VersionedRecord>& records) {
    if (stopped_)
        return;
    MetadataImage loaded = MetadataImage::of_snapshot(records, id.offset);
    loaded.add_difference_from(image_, delta_);
    image_ = std::move(loaded);
    if (snapshots_ != nullptr)
        snapshots_->loaded(id);
}

void BrokerLife::leader_changed(LeaderEpoch /*epoch*/, std::optional<BrokerId> /*leader*/) {}

void BrokerLife::publish() {
    const MetadataDelta delta = std::exchange(delta_, MetadataDelta{});
    // DEVIATION: All partitions of a publication change their roles in one instant, and the flushes
    // of their epoch files wait in the device's queue; Kafka's loader waits for each before the
    // next.
    replicas_.apply(delta);
    groups_.apply(delta);
    static_cast<void>(node_.log_dirs().settle(node_.now()));
}

void BrokerLife::step(const lifecycle::LifecycleInput& input) {
    lifecycle::LifecycleEffects effects;
    lifecycle_.step({node_.now(), lifecycle_draws_.bits()}, input, effects);
    for (const lifecycle::LifecycleEffect& effect : effects) {
        std::visit([this](const auto& e) { run_effect(e); }, effect);
    }
}

void BrokerLife::run_effect(const lifecycle::SendRegistration& effect) {
    wire::BrokerRegistrationRequest request;
    request.broker_id = node_.id().value();
    request.cluster_id = node_.cluster().cluster_id;
    request.incarnation_id = effect.incarnation;
    auto& listener = request.listeners.emplace_back();
    listener.name = "PLAINTEXT";
    listener.host = node_.name().text();
    listener.port = static_cast<std::uint16_t>(kBrokerPort);
    for (const SupportedFeature& feature : kSupportedFeatures) {
        auto& out = request.features.emplace_back();
        out.name = feature.name;
        out.min_supported_version = feature.min;
        out.max_supported_version = feature.max;
    }
    request.rack = node_.settings().rack;
    request.log_dirs = node_.log_dirs().ids();
    request.previous_broker_epoch = effect.previous_epoch.value_or(BrokerEpoch(-1)).value();
    heartbeats_.send(request, [this](std::optional<wire::ResponseBody> answer) {
        if (!answer)
            return step(lifecycle::RequestTimedOut{});
        const auto& response = std::get<wire::BrokerRegistrationResponse>(*answer);
        step(lifecycle::RegistrationAnswered{static_cast<wire::ErrorCode>(response.error_code),
                                             BrokerEpoch(response.broker_epoch)});
    });
}

void BrokerLife::run_effect(const lifecycle::SendHeartbeat& effect) {
    wire::BrokerHeartbeatRequest request;
    request.broker_id = node_.id().value();
    request.broker_epoch = effect.epoch.value();
    request.current_metadata_offset = effect.metadata_offset.value_or(Offset(-1)).value();
    request.want_fence = effect.want_fence;
    request.want_shut_down = effect.want_shut_down;
    request.offline_log_dirs = effect.offline_log_dirs;
    heartbeats_.send(request, [this](std::optional<wire::ResponseBody> answer) {
        if (!answer)
            return step(lifecycle::RequestTimedOut{});
        const auto& response = std::get<wire::BrokerHeartbeatResponse>(*answer);
        step(lifecycle::HeartbeatAnswered{static_cast<wire::ErrorCode>(response.error_code),
                                          response.is_caught_up, response.is_fenced,
                                          response.should_shut_down});
    });
}

void BrokerLife::run_effect(const lifecycle::StateChanged& /*effect*/) {}

// The first publish: load what the disk holds, then take up the roles that the metadata gives.
void BrokerLife::run_effect(const lifecycle::CaughtUp& /*effect*/) {
    replicas_.load_logs(clean_start_);
    loaded_ = true;
    after_disks([this] {
        publishing_ = true;
        replicas_.start();
        groups_.start();
        publish();
        step(lifecycle::ReadyToUnfence{});
    });
}

void BrokerLife::run_effect(const lifecycle::Unfenced& /*effect*/) {
    serving_ = true;
    node_.accept_connections(static_cast<Port>(kBrokerPort));
}

void BrokerLife::run_effect(const lifecycle::Shutdown& /*effect*/) {
    serving_ = false;
    stopped_ = true;
    groups_.stop();
    if (publishing_)
        replicas_.shut_down();
    const BrokerEpoch epoch = lifecycle_.broker_epoch().value_or(BrokerEpoch(-1));
    after_disks([this, epoch] { say_goodbye(epoch); });
}

// The logs are on disk: only now may the next life be told so.
void BrokerLife::say_goodbye(BrokerEpoch epoch) {
    if (publishing_) {
        replicas_.note_flushed();
        for (std::size_t dir = 0; dir < node_.log_dirs().size(); ++dir)
            must(write_clean_shutdown(node_.log_dirs()[dir].disk(), "", epoch));
    }
    after_disks([this] { ended_(); });
}

void BrokerLife::run_effect(const lifecycle::ArmTimer& effect) {
    lifecycle_alarm_.set(effect.at);
}

// Requests about the records of replicas; false for any other.
bool BrokerLife::serve_data(const RequestRef& request, const wire::RequestBody& body) {
    if (const auto* produce = std::get_if<wire::ProduceRequest>(&body)) {
        replicas_.produce(request, *produce);
    } else if (const auto* fetch = std::get_if<wire::FetchRequest>(&body)) {
        replicas_.fetch(request, *fetch);
    } else if (const auto* list = std::get_if<wire::ListOffsetsRequest>(&body)) {
        replicas_.list_offsets(request, *list);
    } else if (const auto* ask = std::get_if<wire::OffsetForLeaderEpochRequest>(&body)) {
        replicas_.offset_for_leader_epoch(request, *ask);
    } else if (const auto* remove = std::get_if<wire::DeleteRecordsRequest>(&body)) {
        replicas_.delete_records(request, *remove);
    } else {
        return false;
    }
    return true;
}

void BrokerLife::serve(const RequestRef& request, wire::Request& message) {
    wire::RequestBody& body = message.body;
    if (stopped_ || serve_data(request, body) || groups_.serve(request, message))
        return;
    if (const auto* metadata = std::get_if<wire::MetadataRequest>(&body)) {
        return server_.answer(
            request,
            answer_metadata(image_, *metadata, node_.cluster().cluster_id, metadata_draws_.bits()));
    }
    if (std::holds_alternative<wire::ApiVersionsRequest>(body)) {
        return server_.answer(request, api_versions_response(NodeKind::Broker));
    }
    if (const auto* init = std::get_if<wire::InitProducerIdRequest>(&body)) {
        return server_.answer(request, producer_ids_.init(*init));
    }
    if (const auto* configs = std::get_if<wire::IncrementalAlterConfigsRequest>(&body)) {
        return alter_configs(request, *configs);
    }
    if (std::holds_alternative<wire::CreateTopicsRequest>(body) ||
        std::holds_alternative<wire::DeleteTopicsRequest>(body) ||
        std::holds_alternative<wire::CreatePartitionsRequest>(body) ||
        std::holds_alternative<wire::ElectLeadersRequest>(body) ||
        std::holds_alternative<wire::AlterPartitionReassignmentsRequest>(body) ||
        std::holds_alternative<wire::UnregisterBrokerRequest>(body)) {
        return forward(request, std::move(body));
    }
    server_.disconnect(request);
}

// What concerns this broker alone it checks itself; the controller gets the rest.
void BrokerLife::alter_configs(const RequestRef& request,
                               const wire::IncrementalAlterConfigsRequest& body) {
    admin::ConfigRefusals refusals = admin::check_alter_configs(body, node_.id());
    wire::IncrementalAlterConfigsRequest rest = admin::without_refused(body, refusals);
    if (rest.resources.empty())
        return server_.answer(request, admin::with_refused(body, refusals, {}));
    forwarding_.send(std::move(rest), [this, request, asked = body, refused = std::move(refusals)](
                                          const std::optional<wire::ResponseBody>& answer) {
        if (!answer)
            return server_.disconnect(request);
        const auto& answered = std::get<wire::IncrementalAlterConfigsResponse>(*answer);
        server_.answer(request, admin::with_refused(asked, refused, answered));
    });
}

void BrokerLife::forward(const RequestRef& request, wire::RequestBody body) {
    forwarding_.send(std::move(body), [this, request](std::optional<wire::ResponseBody> answer) {
        if (!answer)
            return server_.disconnect(request);
        server_.answer(request, std::move(*answer));
    });
}

}  // namespace bsim
