#include "sim/report/transition_comparison.h"

#include <sstream>

#include <gtest/gtest.h>

#include "sim/trace/event_text.h"
#include "sim/trace/json_lines.h"

namespace bsim {
namespace {

using Isr = std::vector<int>;

RecordedState state(int leader, int epoch, int version, const Isr& isr) {
    RecordedState out;
    if (leader >= 0)
        out.leader = BrokerId(leader);
    out.leader_epoch = LeaderEpoch(epoch);
    if (version >= 0)
        out.partition_epoch = PartitionEpoch(version);
    for (const int broker : isr)
        out.isr.emplace_back(broker);
    return out;
}

RunChange change(std::uint64_t i, const RecordedState& state) {
    return {EventNumber(i), SimTime() + seconds(static_cast<std::int64_t>(i)), state};
}

// The leader is killed, comes back, and is elected again.
RecordedStory story() {
    return {"leader kill",
            "kraft",
            {"orders", PartitionIndex(0)},
            state(1, 0, -1, {1, 2, 3}),
            {{"kill 1", {state(2, 1, 1, {2, 3})}, state(2, 1, -1, {2, 3})},
             {"start 1", {state(2, 1, 2, {2, 3, 1})}, {}},
             {"prefer -", {state(1, 2, 3, {2, 3, 1})}, {}}}};
}

RunChanges run() {
    return {true,
            change(5, state(1, 0, 0, {1, 2, 3})),
            {change(20, state(2, 1, 1, {2, 3})), change(30, state(2, 1, 2, {2, 3, 1})),
             change(40, state(1, 2, 3, {2, 3, 1}))}};
}

TEST(TransitionComparison, TheSameChangesAreTheSame) {
    const StoryComparison found = compare_story(story(), run());
    EXPECT_TRUE(found.same());
    EXPECT_EQ(found.rows.size(), 4U);
    EXPECT_TRUE(found.notes.empty());
}

TEST(TransitionComparison, TheFirstDifferenceIsLocated) {
    RunChanges other = run();
    other.changes[1].state.isr = {BrokerId(2), BrokerId(1), BrokerId(3)};
    const StoryComparison found = compare_story(story(), other);
    ASSERT_NE(found.first_difference(), nullptr);
    EXPECT_EQ(found.first_difference()->step, "start 1");
    EXPECT_EQ(found.first_difference()->difference, "order of the isr");
    EXPECT_EQ(found.first_difference()->at->i, EventNumber(30));
}

TEST(TransitionComparison, EachKindOfDifferenceIsNamed) {
    for (const auto& [wrong, word] : std::vector<std::pair<RecordedState, std::string>>{
             {state(3, 1, 1, {2, 3}), "leader"},
             {state(2, 2, 1, {2, 3}), "leader epoch"},
             {state(2, 1, 2, {2, 3}), "partition epoch"},
             {state(-1, 1, 1, {2}), "leader, isr"}}) {
        RunChanges other = run();
        other.changes[0].state = wrong;
        EXPECT_EQ(compare_story(story(), other).first_difference()->difference, word);
    }
}

TEST(TransitionComparison, AChangeTooManyAndOneTooFewAreDifferences) {
    RunChanges longer = run();
    longer.changes.push_back(change(50, state(1, 2, 4, {2, 3})));
    EXPECT_EQ(compare_story(story(), longer).first_difference()->step, "(after the last step)");
    RunChanges shorter = run();
    shorter.changes.pop_back();
    EXPECT_EQ(compare_story(story(), shorter).first_difference()->difference,
              "the run has no such change");
}

TEST(TransitionComparison, MembersThatJoinInOneStepMayComeInAnyOrder) {
    RecordedStory recorded = story();
    recorded.initial = state(1, 0, 0, {1});
    recorded.steps = {
        {"start 2, start 3", {state(1, 0, 1, {1, 2}), state(1, 0, 2, {1, 2, 3})}, {}}};
    const RunChanges raced{
        true,
        change(5, state(1, 0, 0, {1})),
        {change(6, state(1, 0, 1, {1, 3})), change(7, state(1, 0, 2, {1, 3, 2}))}};
    EXPECT_TRUE(compare_story(recorded, raced).same());
    RunChanges other = raced;
    other.changes[1].state.isr = {BrokerId(1), BrokerId(3)};
    EXPECT_FALSE(compare_story(recorded, other).same());
}

TEST(TransitionComparison, OtherEpochsAtTheBeginningAreTakenOff) {
    RecordedStory recorded = story();
    recorded.initial = state(1, 4, 9, {2, 3, 1});
    recorded.steps = {{"kill 1", {state(2, 5, 10, {2, 3})}, {}}};
    RunChanges shorter = run();
    shorter.changes.resize(1);
    const StoryComparison found = compare_story(recorded, shorter);
    EXPECT_TRUE(found.same());
    EXPECT_EQ(found.notes.size(), 2U);
}

TEST(TransitionComparison, AStateAtTheEndOfAStepIsEnough) {
    RecordedStory recorded = story();
    for (RecordedStep& step : recorded.steps) {
        if (!step.after)
            step.after = step.changes.back();
        step.after->partition_epoch.reset();
        step.changes.clear();
    }
    EXPECT_TRUE(compare_story(recorded, run()).same());
    // On the way there may be others.
    RunChanges detour = run();
    detour.changes.insert(detour.changes.begin(), change(19, state(-1, 1, 1, {1})));
    EXPECT_TRUE(compare_story(recorded, detour).same());
    RunChanges never = run();
    never.changes.resize(1);
    EXPECT_EQ(compare_story(recorded, never).first_difference()->step, "start 1");
}

TEST(TransitionComparison, APartitionThatTheRunDoesNotHaveIsADifference) {
    EXPECT_FALSE(compare_story(story(), RunChanges{}).same());
}

TEST(TransitionComparison, TheChangesOfARunBeginWithTheCreationOrWhereOneSays) {
    std::string text = header_line({"x", 1}) + "\n";
    std::uint64_t i = 0;
    for (const auto& [at, reason] : std::vector<std::pair<std::int64_t, std::string>>{
             {1, "created"}, {10, "fenced"}, {20, "unfenced"}}) {
        Event event;
        event.i = EventNumber(++i);
        event.t = SimTime() + seconds(at);
        event.n = NodeName("controller-100");
        PartitionChanged body;
        body.p = {"orders", PartitionIndex(0)};
        body.reason = reason;
        event.body = body;
        text += write_event(event);
    }
    std::istringstream first(text);
    EXPECT_EQ(read_changes(first, {"orders", PartitionIndex(0)}, std::nullopt)->changes.size(), 2U);
    std::istringstream later(text);
    const auto since = read_changes(later, {"orders", PartitionIndex(0)}, SimTime() + seconds(15));
    EXPECT_EQ(since->changes.size(), 1U);
    EXPECT_EQ(since->initial.i, EventNumber(2));
    std::istringstream again(text);
    EXPECT_EQ(read_partitions(again)->size(), 1U);
}

}  // namespace
}  // namespace bsim
