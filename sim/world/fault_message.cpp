// message-hold, message-drop, message-delay, response-drop: some messages of a kind fare
// differently from the rest. api-error: some requests are refused.
#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

#include "sim/base/check.h"
#include "sim/network/message_matcher.h"
#include "sim/world/fault_table.h"
#include "sim/world/fault_ways.h"

namespace bsim {
namespace {

MessageRule::Verb verb_of(MessageFault::Verb verb) {
    switch (verb) {
        case MessageFault::Verb::Hold:
            return MessageRule::Verb::Hold;
        case MessageFault::Verb::Drop:
            return MessageRule::Verb::Drop;
        case MessageFault::Verb::Lose:
            return MessageRule::Verb::Lose;
        case MessageFault::Verb::Delay:
            break;
    }
    return MessageRule::Verb::Delay;
}

// Whose messages a fault means, found out when it strikes.
class MessageStrikeBase : public Strike {
  public:
    MessageStrikeBase(FaultStage& stage, RngStream& draws, const FaultSpec& spec)
        : Strike(stage, draws), spec_(spec) {}

  protected:
    using Hosts = std::optional<std::set<HostId>>;

    // Without a selector it may strike anybody, and names nobody.
    std::optional<std::string> find(const std::optional<Selector>& selector, Hosts& hosts) {
        if (!selector)
            return std::nullopt;
        const auto found = resolve_on_network(*selector);
        if (!found)
            return found.error();
        hosts = hosts_of(*found);
        for (Process* node : *found) {
            if (std::find(named_.begin(), named_.end(), node) == named_.end())
                named_.push_back(node);
        }
        return std::nullopt;
    }
    FaultTargets named() const { return names_of(named_); }

    void note_began(EventNumber began) {
        began_ = began;
        for (const Process* node : named_)
            stage().outages.note(node->name(), began);
    }
    MessageMatcher matcher(const MessageFilter& filter) const {
        return make_matcher(filter, [&cluster = stage().cluster](const Uuid& id) {
            return cluster.topic_name(id);
        });
    }
    // A draw for each message.
    std::function<bool()> chooser(Ratio probability) const {
        auto draws = std::make_shared<RngStream>(
            stage().rng.stream("fault/" + own_name(spec_) + "/messages"));
        return [draws, probability] { return draws->chance(probability); };
    }

    const FaultSpec& spec_;
    EventNumber began_;

  private:
    Processes named_;
};

class MessageStrike : public MessageStrikeBase {
  public:
    MessageStrike(FaultStage& stage, RngStream& draws, const FaultSpec& spec)
        : MessageStrikeBase(stage, draws, spec), fault_(std::get<MessageFault>(spec.action)) {}

    Result<FaultTargets, std::string> aim() override {
        if (const auto nobody = find(fault_.from, rule_.from))
            return Err{*nobody};
        if (const auto nobody = find(fault_.to, rule_.to))
            return Err{*nobody};
        return named();
    }

    void begin(EventNumber began) override {
        note_began(began);
        rule_.name = own_name(spec_);
        rule_.verb = verb_of(fault_.verb);
        rule_.matches = matcher(fault_.filter);
        rule_.nth = fault_.filter.nth;
        rule_.count = fault_.filter.count;
        rule_.delay = fault_.latency;
        rule_.chosen = chooser(fault_.probability);
        id_ = stage().cluster.network().add_rule(std::move(rule_));
    }

    // Lets go what is held.
    std::optional<EventNumber> heal() override {
        stage().cluster.network().remove_rule(id_);
        return began_;
    }

  private:
    const MessageFault& fault_;
    MessageRule rule_;
    RuleId id_;
};

class ApiErrorStrike : public MessageStrikeBase {
  public:
    ApiErrorStrike(FaultStage& stage, RngStream& draws, const FaultSpec& spec)
        : MessageStrikeBase(stage, draws, spec), fault_(std::get<ApiErrorFault>(spec.action)) {}

    Result<FaultTargets, std::string> aim() override {
        if (const auto nobody = find(fault_.from, rule_->from))
            return Err{*nobody};
        Hosts to;
        if (const auto nobody = find(fault_.to, to))
            return Err{*nobody};
        for (const auto& server : stage().cluster.servers()) {
            if (!to || to->contains(server->host()))
                servers_.push_back(server.get());
        }
        if (servers_.empty())
            return Err{std::string("none of the nodes serves requests")};
        return named();
    }

    void begin(EventNumber began) override {
        note_began(began);
        const auto error = wire::error_named(fault_.error);
        BSIM_CHECK(error);
        rule_->error = *error;
        rule_->matches = matcher(fault_.filter);
        rule_->nth = fault_.filter.nth;
        rule_->count = fault_.filter.count;
        rule_->chosen = chooser(fault_.probability);
        rule_->cause = began;
        for (ServerNode* server : servers_)
            server->request_errors().add(rule_);
    }

    std::optional<EventNumber> heal() override {
        for (ServerNode* server : servers_)
            server->request_errors().remove(rule_);
        return began_;
    }

  private:
    const ApiErrorFault& fault_;
    std::vector<ServerNode*> servers_;
    RequestErrors::Rule rule_ = std::make_shared<RequestErrorRule>();
};

}  // namespace

std::shared_ptr<Strike> make_message(FaultStage& stage, RngStream& draws, const FaultSpec& fault) {
    return std::make_shared<MessageStrike>(stage, draws, fault);
}

std::shared_ptr<Strike> make_api_error(FaultStage& stage,
                                       RngStream& draws,
                                       const FaultSpec& fault) {
    return std::make_shared<ApiErrorStrike>(stage, draws, fault);
}

}  // namespace bsim
