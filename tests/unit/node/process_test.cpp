// The life of a process: start, pause and resume, kill, graceful stop, and what its ends leave.

#include "sim/base/check.h"
#include "tests/unit/node/node_lab.h"

namespace bsim::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ProcessLife : public NodeLab {
  protected:
    Machine& machine = add_machine("broker-1");
};

TEST_F(ProcessLife, EachStartIsANewIncarnationThatBootsAfterItsEvent) {
    machine.on_boot = [&] {
        note("boot " + std::to_string(machine.life().incarnation()));
        EXPECT_EQ(machine.cause(), events.back().i) << "what boots is due to the start";
    };
    EXPECT_FALSE(machine.alive());
    const EventNumber began = event("begin");
    const EventNumber started = machine.start(began);
    EXPECT_TRUE(machine.alive());
    EXPECT_EQ(cause_of(started), began);
    machine.kill(EventNumber{});
    machine.start(EventNumber{});
    EXPECT_THAT(notes, ElementsAre("0 boot 1", "0 boot 2"));
    EXPECT_EQ(as<NodeStarted>(events[1])->incarnation, Incarnation(1));
    EXPECT_EQ(as<NodeStarted>(events[3])->incarnation, Incarnation(2));
    EXPECT_EQ(events[1].n, NodeName("broker-1"));
}

TEST_F(ProcessLife, KilledItIsGoneAtOnceAndItsListenerLearnsOfItLast) {
    machine.on_halt = [&] { note("halt"); };
    machine.on_shutdown = [&] { note("shutdown"); };
    EventNumber heard;
    machine.on_ended([&](EventNumber stopped) {
        heard = stopped;
        note(machine.alive() ? "ended alive" : "ended");
    });
    machine.start(EventNumber{});
    const EventNumber fault = event("crash");
    const EventNumber stopped = machine.kill(fault);
    EXPECT_FALSE(machine.alive());
    EXPECT_THAT(notes, ElementsAre("0 halt", "0 ended"));
    EXPECT_EQ(heard, stopped);
    EXPECT_EQ(cause_of(stopped), fault);
    EXPECT_EQ(as<NodeStopped>(events.back())->how, StopMode::Kill);
    EXPECT_EQ(outages.of(machine.name()), stopped);
}

TEST_F(ProcessLife, WithoutPowerItIsGoneAtOnceAndItsPeersHearNothing) {
    Machine& peer = add_machine("broker-2");
    for (Machine* each : {&machine, &peer}) {
        each->handler = [](const RequestRef&, wire::Request&) {};
        each->start(EventNumber{});
    }
    peer.client->send(machine.address(), numbered_request(1), seconds(30),
                      [&](RpcClient::Answer answer) { note(text_of(answer)); });
    run_until(seconds(1));
    const EventNumber fault = event("crash");
    const EventNumber stopped = machine.lose_power(fault);
    EXPECT_FALSE(machine.alive());
    EXPECT_EQ(cause_of(stopped), fault);
    EXPECT_EQ(as<NodeStopped>(events.back())->how, StopMode::Power);
    run_until(seconds(29));
    EXPECT_THAT(notes, IsEmpty());
    run_until(seconds(31));
    EXPECT_THAT(notes, ElementsAre("30000 timed out"));
}

TEST_F(ProcessLife, AskedToStopItLivesUntilItIsReady) {
    machine.on_shutdown = [&] {
        note("shutdown");
        machine.after(milliseconds(30), [&] {
            machine.exit_gracefully();
            note(machine.alive() ? "still here" : "gone under its own feet");
        });
    };
    machine.on_halt = [&] { note("halt"); };
    machine.start(EventNumber{});
    const EventNumber fault = event("stop");
    machine.stop_gracefully(fault);
    EXPECT_TRUE(machine.alive());
    run_until(milliseconds(29));
    EXPECT_TRUE(machine.alive());
    run_until(milliseconds(31));
    EXPECT_FALSE(machine.alive());
    EXPECT_THAT(notes, ElementsAre("0 shutdown", "30 still here", "30 halt"));
    EXPECT_EQ(as<NodeStopped>(events.back())->how, StopMode::Graceful);
    EXPECT_EQ(cause_of(events.back().i), fault);
    EXPECT_EQ(outages.of(machine.name()), events.back().i);
}

TEST_F(ProcessLife, KilledDuringAGracefulStopItEndsOnce) {
    machine.on_shutdown = [&] { machine.exit_gracefully(); };
    machine.start(EventNumber{});
    machine.stop_gracefully(EventNumber{});
    machine.stop_gracefully(EventNumber{});
    machine.kill(EventNumber{});
    machine.start(EventNumber{});
    run_until(seconds(1));
    EXPECT_TRUE(machine.alive()) << "the exit was the former incarnation's";
    int ends = 0;
    for (const Event& event : events)
        ends += as<NodeStopped>(event) != nullptr ? 1 : 0;
    EXPECT_EQ(ends, 1);
}

TEST_F(ProcessLife, WhatItPlannedRunsWithTheCauseThatItHadThen) {
    machine.start(EventNumber{});
    const EventNumber why = event("reason");
    {
        CauseScope scope(tracer, why);
        machine.after(milliseconds(5), [&] {
            note("runs");
            EXPECT_EQ(machine.cause(), why);
        });
    }
    run_until(milliseconds(4));
    EXPECT_THAT(notes, IsEmpty());
    run_until(milliseconds(10));
    EXPECT_THAT(notes, ElementsAre("5 runs"));
}

TEST_F(ProcessLife, WhatItPlannedDiesWithIt) {
    machine.start(EventNumber{});
    machine.after(milliseconds(5), [&] { note("of the first life"); });
    run_until(milliseconds(1));
    machine.kill(EventNumber{});
    machine.start(EventNumber{});
    machine.after(milliseconds(5), [&] { note("of the second life"); });
    run_until(milliseconds(50));
    EXPECT_THAT(notes, ElementsAre("6 of the second life"));
}

TEST_F(ProcessLife, PausedItDoesNothingAndThenAllInItsOrder) {
    machine.start(EventNumber{});
    machine.after(milliseconds(20), [&] { note("second"); });
    machine.after(milliseconds(10), [&] { note("first"); });
    machine.after(milliseconds(40), [&] { note("third"); });
    const EventNumber fault = event("stall");
    const EventNumber paused = machine.pause(fault);
    EXPECT_TRUE(machine.paused());
    EXPECT_TRUE(machine.alive());
    EXPECT_EQ(cause_of(paused), fault);
    EXPECT_EQ(outages.of(machine.name()), paused);
    run_until(milliseconds(30));
    machine.run(DueKind::Other, [&] { note("asked while paused"); });
    EXPECT_THAT(notes, IsEmpty());
    const EventNumber healed = event("healed");
    const EventNumber resumed = machine.resume(healed, WakeOrder::Arrival);
    EXPECT_EQ(cause_of(resumed), healed);
    EXPECT_FALSE(machine.paused());
    EXPECT_THAT(notes, ElementsAre("30 first", "30 second", "30 asked while paused"));
    run_until(milliseconds(50));
    EXPECT_EQ(notes.back(), "40 third");
}

TEST_F(ProcessLife, PausedAgainWhileItCatchesUpItKeepsTheRest) {
    machine.start(EventNumber{});
    machine.after(milliseconds(1), [&] {
        note("first");
        machine.pause(EventNumber{});
    });
    machine.after(milliseconds(2), [&] { note("second"); });
    machine.pause(EventNumber{});
    run_until(milliseconds(5));
    machine.resume(EventNumber{}, WakeOrder::Arrival);
    EXPECT_THAT(notes, ElementsAre("5 first"));
    run_until(milliseconds(9));
    machine.resume(EventNumber{}, WakeOrder::Arrival);
    EXPECT_THAT(notes, ElementsAre("5 first", "9 second"));
}

TEST_F(ProcessLife, AskedToStopWhilePausedItBeginsOnResuming) {
    machine.on_shutdown = [&] { note("shutdown"); };
    machine.start(EventNumber{});
    machine.pause(EventNumber{});
    machine.stop_gracefully(EventNumber{});
    run_until(milliseconds(7));
    EXPECT_THAT(notes, IsEmpty());
    machine.resume(EventNumber{}, WakeOrder::Arrival);
    EXPECT_THAT(notes, ElementsAre("7 shutdown"));
}

TEST_F(ProcessLife, KilledWhilePausedItStartsUnpausedAndForgetsWhatWaited) {
    machine.start(EventNumber{});
    machine.after(milliseconds(1), [&] { note("waited"); });
    machine.pause(EventNumber{});
    run_until(milliseconds(5));
    machine.kill(EventNumber{});
    machine.start(EventNumber{});
    EXPECT_FALSE(machine.paused());
    machine.after(milliseconds(1), [&] { note("fresh"); });
    run_until(milliseconds(50));
    EXPECT_THAT(notes, ElementsAre("6 fresh"));
}

TEST_F(ProcessLife, OrdersThatMakeNoSenseAreBugs) {
    EXPECT_THROW(machine.kill(EventNumber{}), InternalBug);
    EXPECT_THROW(machine.pause(EventNumber{}), InternalBug);
    EXPECT_THROW(machine.stop_gracefully(EventNumber{}), InternalBug);
    machine.start(EventNumber{});
    EXPECT_THROW(machine.start(EventNumber{}), InternalBug);
    EXPECT_THROW(machine.resume(EventNumber{}, WakeOrder::Arrival), InternalBug);
    machine.pause(EventNumber{});
    EXPECT_THROW(machine.pause(EventNumber{}), InternalBug);
}

TEST_F(ProcessLife, OutagesOfOthersAreTheirOwn) {
    Machine& other = add_machine("broker-2");
    machine.start(EventNumber{});
    other.start(EventNumber{});
    machine.kill(EventNumber{});
    EXPECT_EQ(outages.of(other.name()), EventNumber{});
    const EventNumber later = other.kill(EventNumber{});
    EXPECT_EQ(outages.of(other.name()), later);
    EXPECT_NE(outages.of(machine.name()), later);
}

class Alarms : public ProcessLife {
  protected:
    Alarms() { machine.start(EventNumber{}); }
    SimTime ms(std::int64_t n) const { return SimTime() + milliseconds(n); }

    Alarm alarm{machine, [this] { note("rings"); }};
};

TEST_F(Alarms, RingsOnceAtItsTime) {
    EXPECT_FALSE(alarm.armed());
    alarm.arm(ms(5));
    EXPECT_TRUE(alarm.armed());
    run_until(milliseconds(50));
    EXPECT_FALSE(alarm.armed());
    EXPECT_THAT(notes, ElementsAre("5 rings"));
}

TEST_F(Alarms, TheLastTimeItWasArmedForCounts) {
    alarm.arm(ms(5));
    alarm.arm(ms(20));
    run_until(milliseconds(10));
    EXPECT_THAT(notes, IsEmpty());
    alarm.arm(ms(12));
    run_until(milliseconds(50));
    EXPECT_THAT(notes, ElementsAre("12 rings"));
}

TEST_F(Alarms, DisarmedItIsSilent) {
    alarm.arm(ms(5));
    alarm.cancel();
    EXPECT_FALSE(alarm.armed());
    alarm.set(ms(6));
    alarm.set(std::nullopt);
    EXPECT_FALSE(alarm.armed());
    run_until(milliseconds(50));
    EXPECT_THAT(notes, IsEmpty());
}

TEST_F(Alarms, ForATimeInThePastItRingsNow) {
    run_until(milliseconds(10));
    alarm.set(ms(3));
    EXPECT_THAT(notes, IsEmpty()) << "by an event of its own";
    run_until(milliseconds(11));
    EXPECT_THAT(notes, ElementsAre("10 rings"));
}

TEST_F(Alarms, RingsWithTheCauseThatArmedItLast) {
    EventNumber seen;
    Alarm heard(machine, [&] { seen = machine.cause(); });
    const EventNumber first = event("first");
    const EventNumber second = event("second");
    {
        CauseScope scope(tracer, first);
        heard.arm(ms(5));
    }
    {
        CauseScope scope(tracer, second);
        heard.arm(ms(6));
    }
    run_until(milliseconds(10));
    EXPECT_EQ(seen, second);
}

TEST_F(Alarms, GoneItDoesNotRing) {
    auto brief = std::make_unique<Alarm>(machine, [this] { note("brief"); });
    brief->arm(ms(5));
    brief.reset();
    run_until(milliseconds(50));
    EXPECT_THAT(notes, IsEmpty());
}

TEST_F(Alarms, DueDuringAPauseItRingsOnResuming) {
    alarm.arm(ms(5));
    machine.pause(EventNumber{});
    run_until(milliseconds(20));
    EXPECT_THAT(notes, IsEmpty());
    EXPECT_TRUE(alarm.armed());
    machine.resume(EventNumber{}, WakeOrder::Arrival);
    EXPECT_THAT(notes, ElementsAre("20 rings"));
}

// What happened before it in the pause is done first, and may put it off.
TEST_F(Alarms, PutOffWhileCatchingUpItRingsAtTheNewTime) {
    machine.after(milliseconds(3), [&] { alarm.arm(scheduler.now() + milliseconds(10)); });
    alarm.arm(ms(5));
    machine.pause(EventNumber{});
    run_until(milliseconds(20));
    machine.resume(EventNumber{}, WakeOrder::Arrival);
    EXPECT_TRUE(alarm.armed());
    EXPECT_THAT(notes, IsEmpty());
    run_until(milliseconds(50));
    EXPECT_THAT(notes, ElementsAre("30 rings"));
}

TEST_F(Alarms, DisarmedWhileCatchingUpItIsSilent) {
    machine.after(milliseconds(3), [&] { alarm.cancel(); });
    alarm.arm(ms(5));
    machine.pause(EventNumber{});
    run_until(milliseconds(20));
    machine.resume(EventNumber{}, WakeOrder::Arrival);
    run_until(milliseconds(50));
    EXPECT_THAT(notes, IsEmpty());
}

TEST_F(Alarms, DueWhenItsProcessIsDeadItIsSilent) {
    alarm.arm(ms(5));
    machine.kill(EventNumber{});
    run_until(milliseconds(50));
    EXPECT_THAT(notes, IsEmpty());
}

}  // namespace
}  // namespace bsim::test
