// What a group coordinator decided, as events of the trace.

#include <array>
#include <string>
#include <utility>

#include "sim/node/group_shell.h"
#include "sim/trace/group_events.h"

namespace bsim {
namespace {

GroupStateName traced(group::GroupState state) {
    switch (state) {
        case group::GroupState::Empty:
            return GroupStateName::Empty;
        case group::GroupState::PreparingRebalance:
            return GroupStateName::PreparingRebalance;
        case group::GroupState::CompletingRebalance:
            return GroupStateName::CompletingRebalance;
        case group::GroupState::Stable:
            return GroupStateName::Stable;
        case group::GroupState::Dead:
            return GroupStateName::Dead;
    }
    return GroupStateName::Dead;
}

}  // namespace

void GroupShell::run_effect(const group::StateChanged& effect) {
    parts_.process.emit(
        GroupState{effect.group, traced(effect.from), traced(effect.to), effect.generation});
}

void GroupShell::run_effect(const group::MemberAdmitted& effect) {
    parts_.process.emit(MemberJoined{effect.group, effect.member, effect.client, effect.instance});
}

// A member that was not heard of in time left because of what silenced it.
void GroupShell::run_effect(const group::MemberRemoved& effect) {
    MemberLeft left{effect.group, effect.member, effect.client,
                    std::string(group::name(effect.why))};
    const NodeEnv& env = parts_.process.env();
    const EventNumber silenced = env.outages.of(NodeName(effect.client));
    const bool late = effect.why == group::Departure::SessionTimeout ||
                      effect.why == group::Departure::RebalanceTimeout;
    if (late && silenced != EventNumber{}) {
        env.tracer.emit(parts_.process.now(), parts_.process.name(), std::move(left),
                        std::array{silenced});
    } else {
        parts_.process.emit(std::move(left));
    }
}

void GroupShell::run_effect(group::RebalanceBegan& effect) {
    parts_.process.emit(RebalanceStarted{effect.group, std::move(effect.why), effect.generation});
}

void GroupShell::run_effect(group::RebalanceEnded& effect) {
    parts_.process.emit(RebalanceCompleted{
        effect.group, effect.generation, std::move(effect.assignment), std::move(effect.protocol)});
}

void GroupShell::run_effect(const group::OffsetInForce& effect) {
    parts_.process.emit(OffsetCommitted{effect.group, effect.partition, effect.offset,
                                        effect.generation, effect.member, effect.latency});
}

void GroupShell::run_effect(const group::OffsetGone& effect) {
    parts_.process.emit(
        OffsetRemoved{effect.group, effect.partition, std::string(group::name(effect.why))});
}

void GroupShell::run_effect(const group::GroupHandedOver& effect) {
    parts_.process.emit(
        GroupMoved{effect.group, effect.loaded, traced(effect.state), effect.generation});
}

}  // namespace bsim
