#include "sim/node/admin_node.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "sim/base/check.h"
#include "sim/node/response_error.h"

namespace bsim {
namespace {

// The client has its own timeouts, which close the connection.
constexpr SimDuration kNever = seconds(3600);

constexpr std::int8_t kBrokerResource = 4;

admin::CallTarget target_of(const wire::RequestBody& body) {
    if (const auto* configs = std::get_if<wire::IncrementalAlterConfigsRequest>(&body)) {
        const bool one = configs->resources.size() == 1;
        if (one && configs->resources.front().resource_type == kBrokerResource &&
            !configs->resources.front().resource_name.empty())
            return BrokerId(std::stoi(configs->resources.front().resource_name));
        return admin::ToAnyBroker{};
    }
    if (std::holds_alternative<wire::UnregisterBrokerRequest>(body))
        return admin::ToAnyBroker{};
    return admin::ToController{};
}

wire::MetadataRequest metadata_of(const std::set<std::string>& topics) {
    wire::MetadataRequest request;
    request.allow_auto_topic_creation = false;
    request.topics.emplace();
    for (const std::string& topic : topics)
        request.topics->emplace_back().name = topic;
    return request;
}

admin::LeadersFound leaders_in(const wire::MetadataResponse& response) {
    admin::LeadersFound found;
    for (const auto& topic : response.topics) {
        const std::string name = topic.name.value_or("");
        if (topic.error_code != 0)
            found.topic_errors[name] = static_cast<wire::ErrorCode>(topic.error_code);
        for (const auto& partition : topic.partitions) {
            if (partition.error_code == 0 && partition.leader_id >= 0) {
                found.leaders[{name, PartitionIndex(partition.partition_index)}] =
                    BrokerId(partition.leader_id);
            }
        }
    }
    return found;
}

wire::DeleteRecordsRequest deletion_of(const std::map<TopicPartition, Offset>& before) {
    wire::DeleteRecordsRequest request;
    for (const auto& [tp, offset] : before) {
        if (request.topics.empty() || request.topics.back().name != tp.topic)
            request.topics.emplace_back().name = tp.topic;
        auto& partition = request.topics.back().partitions.emplace_back();
        partition.partition_index = tp.partition.value();
        partition.offset = offset.value();
    }
    return request;
}

admin::LeaderAnswered results_in(const wire::DeleteRecordsResponse& response) {
    admin::LeaderAnswered answered;
    for (const auto& topic : response.topics) {
        for (const auto& partition : topic.partitions) {
            answered.results[{topic.name, PartitionIndex(partition.partition_index)}] = {
                static_cast<wire::ErrorCode>(partition.error_code),
                Offset(partition.low_watermark)};
        }
    }
    return answered;
}

}  // namespace

class AdminNode::Life {
  public:
    Life(Process& process, const std::vector<BrokerId>& bootstrap, AddressOf address_of)
        : process_(process),
          address_of_(std::move(address_of)),
          config_{bootstrap},
          client_(config_),
          draws_(process.env().rng.stream("admin/backoff")),
          alarm_(process, [this] { step(admin::TimerFired{}); }) {}

    void call(wire::RequestBody body, const admin::CallTarget& target, Done done) {
        if (calls_.empty() && deletions_.empty())
            begin_session();
        const admin::CallId id(next_++);
        calls_.emplace(id, Call{std::move(body), std::move(done), process_.cause(), std::nullopt});
        step(admin::CallSubmitted{id, target});
    }

    void delete_records(std::map<TopicPartition, Offset> before, DeletedDone done) {
        if (calls_.empty() && deletions_.empty())
            begin_session();
        const std::uint64_t id = next_++;
        deletions_.emplace(
            id, Deletion{admin::RecordDeletion(config_, std::move(before)), std::move(done)});
        step(id, admin::DeletionBegun{});
    }

  private:
    struct Deletion {
        admin::RecordDeletion machine;
        DeletedDone done;
    };
    // Each of Kafka's tools is a process of its own, whose client knows the bootstrap brokers only.
    void begin_session() {
        alarm_.cancel();
        client_ = admin::AdminClient(config_);
        rpc_ = std::make_unique<RpcClient>(process_, "admin-1");
    }

    struct Call {
        wire::RequestBody body;
        Done done;
        EventNumber cause;
        std::optional<wire::ResponseBody> answer;
    };

    void step(const admin::AdminInput& input) {
        admin::AdminEffects effects;
        client_.step({process_.now(), draws_.bits()}, input, effects);
        for (const admin::AdminEffect& effect : effects) {
            std::visit([this](const auto& e) { run(e); }, effect);
        }
    }

    void run(const admin::SendMetadataRequest& effect) {
        wire::MetadataRequest request;
        request.allow_auto_topic_creation = false;
        const BrokerId broker = effect.broker;
        rpc_->send(address_of_(broker), request, kNever, [this, broker](RpcClient::Answer answer) {
            if (!answer.ok())
                return step(admin::Disconnected{broker});
            const auto& metadata = std::get<wire::MetadataResponse>(*answer);
            admin::MetadataAnswered in;
            for (const auto& node : metadata.brokers)
                in.brokers.emplace_back(node.node_id);
            std::sort(in.brokers.begin(), in.brokers.end());
            if (metadata.controller_id >= 0)
                in.controller = BrokerId(metadata.controller_id);
            step(in);
        });
    }

    void run(const admin::SendCall& effect) {
        Call& call = calls_.at(effect.call);
        const BrokerId broker = effect.broker;
        const admin::CallId id = effect.call;
        CauseScope scope(process_.env().tracer, call.cause);
        std::visit(
            [&](auto& request) {
                if constexpr (requires { request.timeout_ms; }) {
                    request.timeout_ms = static_cast<std::int32_t>(effect.timeout.ms());
                }
            },
            call.body);
        rpc_->send(address_of_(broker), call.body, kNever,
                   [this, broker, id](RpcClient::Answer answer) {
                       if (!answer.ok())
                           return step(admin::Disconnected{broker});
                       const bool moved = first_error(*answer) == wire::ErrorCode::NotController;
                       const auto it = calls_.find(id);
                       if (it != calls_.end())
                           it->second.answer = std::move(*answer);
                       step(admin::CallAnswered{id, moved});
                   });
    }

    void run(const admin::CloseConnection& effect) { rpc_->disconnect(address_of_(effect.broker)); }
    void run(const admin::CompleteCall& effect) { finish(effect.call, true); }
    void run(const admin::FailCall& effect) { finish(effect.call, false); }
    void run(const admin::ArmTimer& effect) { alarm_.set(effect.at); }

    void finish(admin::CallId id, bool answered) {
        auto node = calls_.extract(id);
        BSIM_CHECK(!node.empty());
        if (!answered)
            node.mapped().answer.reset();
        // By an event of its own: who is told may make the next call.
        auto call = std::make_unique<Call>(std::move(node.mapped()));
        process_.after(SimDuration(0), [told = std::move(call)] { told->done(told->answer); });
    }

    // --- deletion of records
    void step(std::uint64_t id, const admin::DeletionInput& input) {
        const auto at = deletions_.find(id);
        if (at == deletions_.end())
            return;
        admin::DeletionEffects effects;
        at->second.machine.step({process_.now(), draws_.bits()}, input, effects);
        for (const admin::DeletionEffect& effect : effects)
            std::visit([this, id](const auto& e) { run(id, e); }, effect);
    }

    void run(std::uint64_t id, const admin::LookUpLeaders& effect) {
        call(metadata_of(effect.topics), admin::ToAnyBroker{}, [this, id](const auto& answer) {
            if (!answer)
                return step(id, admin::DeletionCallLost{std::nullopt});
            step(id, leaders_in(std::get<wire::MetadataResponse>(*answer)));
        });
    }

    void run(std::uint64_t id, const admin::AskLeader& effect) {
        const BrokerId broker = effect.broker;
        call(deletion_of(effect.before), broker, [this, id, broker](const auto& answer) {
            if (!answer)
                return step(id, admin::DeletionCallLost{broker});
            step(id, results_in(std::get<wire::DeleteRecordsResponse>(*answer)));
        });
    }

    void run(std::uint64_t id, const admin::ArmDeletionTimer& effect) {
        process_.after(effect.at - process_.now(),
                       [this, id] { step(id, admin::DeletionTimerFired{}); });
    }

    void run(std::uint64_t id, const admin::CompleteDeletion& effect) {
        auto node = deletions_.extract(id);
        node.mapped().done(effect.results);
    }

    Process& process_;
    AddressOf address_of_;
    admin::AdminConfig config_;
    admin::AdminClient client_;
    std::unique_ptr<RpcClient> rpc_;
    RngStream draws_;
    Alarm alarm_;
    std::map<admin::CallId, Call> calls_;
    std::map<std::uint64_t, Deletion> deletions_;
    std::uint64_t next_ = 1;
};

AdminNode::AdminNode(const NodeEnv& env,
                     HostId host,
                     const std::vector<BrokerId>& bootstrap,
                     AddressOf address_of)
    : Process(env, NodeName::admin(), host),
      bootstrap_(bootstrap),
      address_of_(std::move(address_of)) {}

AdminNode::~AdminNode() = default;

void AdminNode::call(wire::RequestBody body, Done done) {
    BSIM_CHECK(life_ != nullptr);
    const admin::CallTarget target = target_of(body);
    life_->call(std::move(body), target, std::move(done));
}

void AdminNode::delete_records(std::map<TopicPartition, Offset> before, DeletedDone done) {
    BSIM_CHECK(life_ != nullptr);
    life_->delete_records(std::move(before), std::move(done));
}

void AdminNode::boot() {
    life_ = std::make_unique<Life>(*this, bootstrap_, address_of_);
}

void AdminNode::halt() {
    life_.reset();
}

void AdminNode::begin_shutdown() {
    exit_gracefully();
}

}  // namespace bsim
