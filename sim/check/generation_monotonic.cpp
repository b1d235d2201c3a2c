#include "sim/check/generation_monotonic.h"

#include <fmt/format.h>

#include "sim/check/offsets_topic_loss.h"

namespace bsim {

void GenerationMonotonic::on(const Event& event, const ClusterView& view) {
    if (const auto* state = as<GroupState>(event)) {
        on_state(event, *state, view);
    } else if (const auto* completed = as<RebalanceCompleted>(event)) {
        on_completed(event, *completed, view);
    } else if (const auto* moved = as<GroupMoved>(event)) {
        on_loaded(event, *moved, view);
    } else if (as<NodeStopped>(event) != nullptr) {
        for (auto& [group, life] : lives_) {
            if (life.coordinator == event.n)
                life.coordinator.reset();
        }
    }
}

void GenerationMonotonic::on_state(const Event& event,
                                   const GroupState& e,
                                   const ClusterView& view) {
    if (!view.groups().coordinates(event.n, e.group))
        return;
    if (e.to == GroupStateName::Dead) {
        lives_.erase(e.group);
        return;
    }
    Life& life = lives_[e.group];
    if (life.coordinator == event.n && life.generation) {
        stepped(event, e, *life.generation);
    } else if (life.completed) {
        evaluated();
        if (e.generation < *life.completed) {
            fell(event, e.group,
                 fmt::format("{}: {} begins with generation {}, {} was completed", e.group,
                             event.n.text(), e.generation.value(), life.completed->value()),
                 view);
        }
    }
    life.coordinator = event.n;
    life.generation = e.generation;
}

void GenerationMonotonic::stepped(const Event& event, const GroupState& e, GenerationId before) {
    evaluated();
    const bool completes_join =
        e.from == GroupStateName::PreparingRebalance &&
        (e.to == GroupStateName::CompletingRebalance || e.to == GroupStateName::Empty);
    const GenerationId expected(before.value() + (completes_join ? 1 : 0));
    if (e.generation == expected)
        return;
    violated(event.i, event.t,
             fmt::format("{}: from {} to {} the generation goes from {} to {}, not to {}", e.group,
                         EnumNames<GroupStateName>::kNames[static_cast<std::size_t>(e.from)],
                         EnumNames<GroupStateName>::kNames[static_cast<std::size_t>(e.to)],
                         before.value(), e.generation.value(), expected.value()));
}

void GenerationMonotonic::on_completed(const Event& event,
                                       const RebalanceCompleted& e,
                                       const ClusterView& view) {
    Life& life = lives_[e.group];
    evaluated();
    if (life.completed && e.generation <= *life.completed) {
        fell(event, e.group,
             fmt::format("{}: generation {} is completed after {}", e.group, e.generation.value(),
                         life.completed->value()),
             view);
    } else if (life.coordinator == event.n && life.generation && e.generation != *life.generation) {
        violated(event.i, event.t,
                 fmt::format("{}: generation {} is completed in generation {}", e.group,
                             e.generation.value(), life.generation->value()));
    }
    life.completed = e.generation;
    life.told = told_when(event, e.group, view);
}

void GenerationMonotonic::on_loaded(const Event& event,
                                    const GroupMoved& e,
                                    const ClusterView& view) {
    Life& life = lives_[e.group];
    if (!e.loaded) {
        if (life.coordinator == event.n)
            life.coordinator.reset();
        return;
    }
    if (!view.groups().coordinates(event.n, e.group))
        return;
    if (life.completed) {
        evaluated();
        if (e.generation < *life.completed) {
            fell(event, e.group,
                 fmt::format("{}: {} loads generation {}, {} was completed", e.group,
                             event.n.text(), e.generation.value(), life.completed->value()),
                 view);
        }
    }
    life.coordinator = event.n;
    life.generation = e.generation;
}

void GenerationMonotonic::fell(const Event& event,
                               const std::string& group,
                               std::string how,
                               const ClusterView& view) {
    const std::string allowed =
        excused_by_loss(offsets_topic_loss(view, settings_, group), lives_[group].told);
    judge(event.i, event.t, std::move(how), allowed);
    // What follows is judged by what is in force now.
    lives_[group].completed.reset();
}

}  // namespace bsim
