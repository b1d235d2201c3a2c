// message-hold, message-drop, message-delay: some messages of a kind fare differently from the
// rest.
#include <algorithm>
#include <utility>

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
        case MessageFault::Verb::Delay:
            break;
    }
    return MessageRule::Verb::Delay;
}

class MessageStrike : public Strike {
  public:
    MessageStrike(FaultStage& stage, RngStream& draws, const FaultSpec& spec)
        : Strike(stage, draws), spec_(spec), fault_(std::get<MessageFault>(spec.action)) {}

    // Without `from` and `to` it may strike anybody, and names nobody.
    Result<FaultTargets, std::string> aim() override {
        for (const auto& [selector, side] :
             {std::pair(&fault_.from, &rule_.from), std::pair(&fault_.to, &rule_.to)}) {
            if (!*selector)
                continue;
            BSIM_TRY(const Processes found, resolve_on_network(**selector));
            *side = hosts_of(found);
            for (Process* node : found) {
                if (std::find(named_.begin(), named_.end(), node) == named_.end())
                    named_.push_back(node);
            }
        }
        return names_of(named_);
    }

    void begin(EventNumber began) override {
        began_ = began;
        for (const Process* node : named_)
            stage().outages.note(node->name(), began);
        rule_.name = own_name(spec_);
        rule_.verb = verb_of(fault_.verb);
        rule_.matches = make_matcher(fault_.filter, [&cluster = stage().cluster](const Uuid& id) {
            return cluster.topic_name(id);
        });
        rule_.nth = fault_.filter.nth;
        rule_.count = fault_.filter.count;
        rule_.delay = fault_.latency;
        id_ = stage().cluster.network().add_rule(std::move(rule_));
    }

    // Lets go what is held.
    std::optional<EventNumber> heal() override {
        stage().cluster.network().remove_rule(id_);
        return began_;
    }

  private:
    const FaultSpec& spec_;
    const MessageFault& fault_;
    MessageRule rule_;
    Processes named_;
    EventNumber began_;
    RuleId id_;
};

}  // namespace

std::shared_ptr<Strike> make_message(FaultStage& stage, RngStream& draws, const FaultSpec& fault) {
    return std::make_shared<MessageStrike>(stage, draws, fault);
}

}  // namespace bsim
