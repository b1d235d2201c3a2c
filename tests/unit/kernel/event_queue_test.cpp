#include "sim/kernel/event_queue.h"

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "sim/kernel/rng.h"
#include "sim/kernel/scheduler.h"

namespace bsim {
namespace {

TEST(EventQueue, PopsByTimeAndThenByOrderOfScheduling) {
    EventQueue queue;
    std::vector<int> ran;
    queue.push(SimTime(20), [&] { ran.push_back(3); });
    queue.push(SimTime(10), [&] { ran.push_back(1); });
    queue.push(SimTime(10), [&] { ran.push_back(2); });
    while (queue.more())
        queue.run_next();
    EXPECT_EQ(ran, (std::vector<int>{1, 2, 3}));
}

TEST(EventQueue, CancelDestroysTheCallableAtOnceAndIsFalseTheSecondTime) {
    EventQueue queue;
    auto token = std::make_shared<int>(1);
    const EventId id = queue.push(SimTime(1), [token] {});
    EXPECT_EQ(token.use_count(), 2);
    EXPECT_TRUE(queue.cancel(id));
    EXPECT_EQ(token.use_count(), 1);
    EXPECT_FALSE(queue.cancel(id));
    EXPECT_FALSE(queue.more());
}

TEST(EventQueue, AnOldIdDoesNotCancelTheSlotsNextUser) {
    EventQueue queue;
    const EventId old = queue.push(SimTime(1), [] {});
    queue.cancel(old);
    const EventId fresh = queue.push(SimTime(2), [] {});
    EXPECT_EQ(old.slot, fresh.slot);
    EXPECT_FALSE(queue.cancel(old));
    EXPECT_TRUE(queue.pending(fresh));
}

TEST(EventQueue, AnEventKeepsWhatItHoldsWhileItSchedulesManyOthers) {
    EventQueue queue;
    auto token = std::make_shared<int>(1);
    int ran = 0;
    queue.push(SimTime(1), [&queue, &ran, token] {
        for (int i = 0; i < 1000; ++i)
            queue.push(SimTime(2 + i), [&ran, token] { ran += *token; });
        EXPECT_EQ(token.use_count(), 1002);
    });
    while (queue.more())
        queue.run_next();
    EXPECT_EQ(ran, 1000);
    EXPECT_EQ(token.use_count(), 1);
}

TEST(EventQueue, AnEventThatRunsCannotBeCancelled) {
    EventQueue queue;
    EventId self;
    bool cancelled = true;
    self = queue.push(SimTime(1), [&] { cancelled = queue.cancel(self); });
    ASSERT_TRUE(queue.more());
    queue.run_next();
    EXPECT_FALSE(cancelled);
    EXPECT_EQ(queue.live(), 0U);
}

// Times of all magnitudes, from now to years ahead, many of them alike.
std::int64_t some_time(RngStream& rng) {
    const std::uint64_t span = 1ULL << rng.below(60);
    const std::uint64_t step = 1ULL << rng.below(20);
    return static_cast<std::int64_t>(rng.below(span) / step * step);
}

// Dumb twin: an ordered map from (time, order of scheduling) to a payload.
TEST(EventQueue, AgreesWithAnOrderedMapUnderRandomPushesAndCancels) {
    RngStream rng(7);
    EventQueue queue;
    std::map<std::pair<std::int64_t, std::uint64_t>, int> twin;
    std::map<int, std::pair<EventId, std::pair<std::int64_t, std::uint64_t>>> ids;
    int popped = -1;
    int next = 0;
    const auto push = [&] {
        const std::int64_t time = some_time(rng);
        const int i = next++;
        const EventId id = queue.push(SimTime(time), [&popped, i] { popped = i; });
        twin[{time, id.seq}] = i;
        ids[i] = {id, {time, id.seq}};
    };
    for (int i = 0; i < 20'000; ++i) {
        const std::uint64_t dice = rng.below(10);
        if (dice < 5) {
            push();
        } else if (dice < 7 && !ids.empty()) {
            auto it = std::next(ids.begin(), static_cast<std::ptrdiff_t>(rng.below(ids.size())));
            EXPECT_EQ(queue.cancel(it->second.first), twin.erase(it->second.second) == 1);
            ids.erase(it);
        } else if (!twin.empty()) {
            ASSERT_TRUE(queue.more());
            EXPECT_EQ(queue.next_time().ns(), twin.begin()->first.first);
            queue.run_next();
            EXPECT_EQ(popped, twin.begin()->second);
            twin.erase(twin.begin());
        }
        ASSERT_EQ(queue.live(), twin.size());
    }
    for (const auto& [place, payload] : twin) {
        ASSERT_TRUE(queue.more());
        EXPECT_EQ(queue.next_time().ns(), place.first);
        queue.run_next();
        EXPECT_EQ(popped, payload);
    }
    EXPECT_FALSE(queue.more());
}

TEST(Timer, RearmingKeepsOneEntryAndFiresAtTheLastDeadline) {
    Scheduler scheduler;
    std::vector<std::int64_t> fired;
    Timer timer(scheduler, [&] { fired.push_back(scheduler.now().ns()); });
    timer.arm(SimTime(100));
    for (int i = 1; i <= 50; ++i) {
        scheduler.at(SimTime(i), [&] { timer.arm(scheduler.now() + SimDuration(100)); });
    }
    scheduler.run_until(SimTime(1000));
    EXPECT_EQ(fired, (std::vector<std::int64_t>{150}));
}

TEST(Timer, CanMoveToAnEarlierDeadlineAndBeCancelled) {
    Scheduler scheduler;
    int fired = 0;
    Timer timer(scheduler, [&] { ++fired; });
    timer.arm(SimTime(100));
    timer.arm(SimTime(10));
    scheduler.run_until(SimTime(10));
    EXPECT_EQ(fired, 1);
    timer.arm(SimTime(20));
    timer.cancel();
    scheduler.run_until(SimTime(200));
    EXPECT_EQ(fired, 1);
}

TEST(Timer, TakesItsPlaceInTheOrderWhenItIsArmed) {
    Scheduler scheduler;
    std::vector<int> ran;
    Timer timer(scheduler, [&] { ran.push_back(2); });
    timer.arm(SimTime(5));
    scheduler.at(SimTime(10), [&] { ran.push_back(1); });
    timer.arm(SimTime(10));
    scheduler.at(SimTime(10), [&] { ran.push_back(3); });
    scheduler.run_until(SimTime(10));
    EXPECT_EQ(ran, (std::vector<int>{1, 2, 3}));
}

TEST(Lifeline, DropsWhatAnOlderIncarnationScheduled) {
    Lifeline life;
    life.start();
    const auto first = life.incarnation();
    life.stop();
    life.start();
    int ran = 0;
    life.run_or_keep(first, DueKind::Other, [&] { ++ran; });
    EXPECT_EQ(ran, 0);
    life.run_or_keep(life.incarnation(), DueKind::Other, [&] { ++ran; });
    EXPECT_EQ(ran, 1);
}

std::vector<int> ran_after_a_pause(WakeOrder order) {
    Lifeline life;
    life.start();
    life.pause();
    std::vector<int> ran;
    const auto due = [&](DueKind kind, int number) {
        life.run_or_keep(1, kind, [&ran, number] { ran.push_back(number); });
    };
    due(DueKind::Other, 1);
    due(DueKind::Timer, 2);
    due(DueKind::Other, 3);
    due(DueKind::Timer, 4);
    EXPECT_TRUE(ran.empty());
    for (Lifeline::Due& each : life.resume(order))
        each.action();
    return ran;
}

TEST(Lifeline, RunsWhatCameDueInItsOrderAfterACollection) {
    EXPECT_EQ(ran_after_a_pause(WakeOrder::Arrival), (std::vector<int>{1, 2, 3, 4}));
}

TEST(Lifeline, RunsTimersBeforeWhatArrivedAfterAStopSignal) {
    EXPECT_EQ(ran_after_a_pause(WakeOrder::TimersFirst), (std::vector<int>{2, 4, 1, 3}));
}

}  // namespace
}  // namespace bsim
