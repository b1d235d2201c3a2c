#include "sim/world/condition_watch.h"

#include <algorithm>
#include <utility>

namespace bsim {

ConditionId ConditionWatch::add(const Wish& wish, Fire fire) {
    const ConditionId id(next_++);
    auto& condition =
        *conditions_.emplace(id, std::make_unique<Condition>(wish, std::move(fire))).first->second;
    state_.forget_event(scheduler_.now());
    look(id, condition, EventNumber{});
    return id;
}

void ConditionWatch::cancel(ConditionId id) {
    const auto found = conditions_.find(id);
    if (found == conditions_.end())
        return;
    scheduler_.cancel(found->second->pending_call);
    scheduler_.cancel(found->second->look);
    conditions_.erase(found);
}

void ConditionWatch::on(const Event& event, std::string_view) {
    state_.on(event);
    for (auto& [id, condition] : conditions_) {
        if (condition->interest.in(event))
            look(id, *condition, event.i);
    }
    state_.forget_event(event.t);
}

void ConditionWatch::look(ConditionId id, Condition& condition, EventNumber event) {
    const ExpressionValue value = condition.watch.look(state_);
    const bool is_true = value == ExpressionValue(true);
    if (condition.holding && condition.hold == SimDuration()) {
        return;  // it was true, and the call is on its way
    }
    if (is_true && condition.armed && !condition.holding) {
        condition.holding = true;
        condition.since = event;
        condition.pending_call = scheduler_.after(condition.hold, [this, id] { call(id); });
    } else if (!is_true) {
        condition.armed = true;
        if (std::exchange(condition.holding, false))
            scheduler_.cancel(condition.pending_call);
    }
    scheduler_.cancel(condition.look);
    if (const auto next = condition.watch.next_look()) {
        condition.look =
            scheduler_.at(std::max(*next, scheduler_.now()), [this, id] { look_again(id); });
    }
}

void ConditionWatch::look_again(ConditionId id) {
    state_.forget_event(scheduler_.now());
    look(id, *conditions_.at(id), EventNumber{});
}

void ConditionWatch::call(ConditionId id) {
    auto node = conditions_.extract(id);
    scheduler_.cancel(node.mapped()->look);
    node.mapped()->fire(node.mapped()->since);
}

}  // namespace bsim
