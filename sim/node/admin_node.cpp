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

}  // namespace

class AdminNode::Life {
  public:
    Life(Process& process, const std::vector<BrokerId>& bootstrap, AddressOf address_of)
        : process_(process),
          address_of_(std::move(address_of)),
          client_(admin::AdminConfig{bootstrap}),
          rpc_(process, "admin-1"),
          draws_(process.env().rng.stream("admin/backoff")),
          alarm_(process, [this] { step(admin::TimerFired{}); }) {}

    void call(wire::RequestBody body, Done done) {
        const admin::CallId id(next_++);
        calls_.emplace(id, Call{std::move(body), std::move(done), process_.cause(), std::nullopt});
        step(admin::CallSubmitted{id});
    }

  private:
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
        rpc_.send(address_of_(broker), request, kNever, [this, broker](RpcClient::Answer answer) {
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
        rpc_.send(address_of_(broker), call.body, kNever,
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

    void run(const admin::CloseConnection& effect) { rpc_.disconnect(address_of_(effect.broker)); }
    void run(const admin::CompleteCall& effect) { finish(effect.call, true); }
    void run(const admin::FailCall& effect) { finish(effect.call, false); }
    void run(const admin::ArmTimer& effect) { alarm_.set(effect.at); }

    void finish(admin::CallId id, bool answered) {
        auto node = calls_.extract(id);
        BSIM_CHECK(!node.empty());
        if (!answered)
            node.mapped().answer.reset();
        node.mapped().done(node.mapped().answer);
    }

    Process& process_;
    AddressOf address_of_;
    admin::AdminClient client_;
    RpcClient rpc_;
    RngStream draws_;
    Alarm alarm_;
    std::map<admin::CallId, Call> calls_;
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
    life_->call(std::move(body), std::move(done));
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
