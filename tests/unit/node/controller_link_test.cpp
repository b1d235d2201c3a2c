// A broker's way to the controller, over a whole network: finds it, follows it, and asks again.

#include "sim/node/controller_link.h"

#include "tests/unit/node/node_lab.h"

namespace bsim::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const BrokerId kFirst(101);
const BrokerId kSecond(102);

class ControllerLinks : public NodeLab {
  protected:
    ControllerLinks() {
        for (Machine* controller : {&first, &second}) {
            controller->handler = [this, controller](const RequestRef& ref,
                                                     wire::Request& request) {
                note(controller->name().text() + " takes " +
                     std::to_string(number_of(request.body)));
                serve(*controller, ref, request);
            };
            controller->start(EventNumber{});
        }
        broker.on_boot = [this] {
            const auto address_of = [this](BrokerId id) {
                return id == kFirst ? first.address() : second.address();
            };
            link = std::make_unique<ControllerLink>(
                ControllerLink::Parts{broker, "link", address_of, [this] { return leader; }},
                config);
            link->start();
        };
        broker.on_halt = [this] { link.reset(); };
        broker.start(EventNumber{});
    }
    ~ControllerLinks() override { link.reset(); }

    void send(std::int32_t number) {
        link->send(numbered_request(number), [this, number](const auto& answer) {
            note(std::to_string(number) + (answer ? ": answer" : ": given up"));
        });
    }

    Machine& first = add_machine("controller-101");
    Machine& second = add_machine("controller-102");
    Machine& broker = add_machine("broker-1");
    std::optional<BrokerId> leader = kFirst;
    lifecycle::ChannelConfig config{seconds(60)};
    std::function<void(Machine&, const RequestRef&, wire::Request&)> serve =
        [](Machine& machine, const RequestRef& ref, wire::Request& request) {
            machine.answerer->answer(ref, numbered_response(number_of(request.body)));
        };
    std::unique_ptr<ControllerLink> link;
};

TEST_F(ControllerLinks, RequestsGoToTheLeaderOneAfterTheOther) {
    send(1);
    send(2);
    run_until(seconds(1));
    EXPECT_THAT(notes, ElementsAre("3 controller-101 takes 1", "4 1: answer",
                                   "5 controller-101 takes 2", "6 2: answer"));
}

TEST_F(ControllerLinks, WithoutALeaderItLooksEveryHundredMilliseconds) {
    broker.kill(EventNumber{});
    leader.reset();
    broker.start(EventNumber{});
    send(1);
    at(milliseconds(150), [this] { leader = kSecond; });
    run_until(seconds(1));
    EXPECT_THAT(notes, ElementsAre("203 controller-102 takes 1", "204 1: answer"));
}

TEST_F(ControllerLinks, ANodeThatIsNotTheControllerIsLeftAndTheRequestGoesToTheLeader) {
    serve = [this](Machine& machine, const RequestRef& ref, wire::Request&) {
        wire::AllocateProducerIdsResponse response;
        if (&machine == &first) {
            response.error_code = static_cast<std::int16_t>(wire::ErrorCode::NotController);
            leader = kSecond;
        }
        machine.answerer->answer(ref, response);
    };
    send(1);
    run_until(seconds(1));
    EXPECT_THAT(notes,
                ElementsAre("3 controller-101 takes 1", "7 controller-102 takes 1", "8 1: answer"));
}

TEST_F(ControllerLinks, WhenTheControllerDiesItsRequestGoesToTheNextOneAtOnce) {
    serve = [this](Machine& machine, const RequestRef& ref, wire::Request&) {
        if (&machine == &second)
            machine.answerer->answer(ref, numbered_response(1));
    };
    send(1);
    at(milliseconds(20), [this] {
        first.kill(EventNumber{});
        leader = kSecond;
    });
    run_until(seconds(100));
    EXPECT_THAT(notes, ElementsAre("3 controller-101 takes 1", "24 controller-102 takes 1",
                                   "25 1: answer"));
}

TEST_F(ControllerLinks, AControllerThatRefusesIsAskedAgainAfterABackoff) {
    first.kill(EventNumber{});
    send(1);
    at(milliseconds(30), [this] { first.start(EventNumber{}); });
    run_until(seconds(100));
    EXPECT_THAT(notes, ElementsAre("55 controller-101 takes 1", "56 1: answer"));
}

TEST_F(ControllerLinks, ASilentControllerIsLeftAfterTheSocketTimeout) {
    serve = [this](Machine& machine, const RequestRef& ref, wire::Request&) {
        leader = kSecond;
        if (&machine == &second)
            machine.answerer->answer(ref, numbered_response(1));
    };
    send(1);
    run_until(seconds(100));
    EXPECT_THAT(notes, ElementsAre("3 controller-101 takes 1", "30003 controller-102 takes 1",
                                   "30004 1: answer"));
}

// As a broker's first heartbeat is sent when it hears that it is registered.
TEST_F(ControllerLinks, ARequestSentOnAnAnswerHasItsSocketTimeoutToo) {
    serve = [this](Machine& machine, const RequestRef& ref, wire::Request& request) {
        const bool again = !notes.empty() && notes.back().starts_with("30");
        if (number_of(request.body) == 1 || again)
            machine.answerer->answer(ref, numbered_response(number_of(request.body)));
    };
    link->send(numbered_request(1), [this](const auto&) { send(2); });
    run_until(seconds(100));
    EXPECT_THAT(notes, ElementsAre("3 controller-101 takes 1", "5 controller-101 takes 2",
                                   testing::EndsWith("controller-101 takes 2"),
                                   testing::EndsWith("2: answer")));
}

TEST_F(ControllerLinks, ARequestThatGrewTooOldIsGivenUpWithoutAnAnswer) {
    serve = [](Machine&, const RequestRef&, wire::Request&) {};
    broker.kill(EventNumber{});
    config = lifecycle::ChannelConfig{seconds(2)};
    broker.start(EventNumber{});
    send(1);
    run_until(seconds(100));
    EXPECT_THAT(notes, ElementsAre("3 controller-101 takes 1", "2000 1: given up"));
}

TEST_F(ControllerLinks, ARequestTravelsWithTheCauseOfWhoMadeIt) {
    const EventNumber why = event("first");
    const EventNumber other = event("second");
    std::vector<EventNumber> seen;
    serve = [&](Machine& machine, const RequestRef& ref, wire::Request&) {
        seen.push_back(machine.cause());
        machine.answerer->answer(ref, numbered_response(1));
    };
    {
        CauseScope scope(tracer, why);
        send(1);
    }
    {
        CauseScope scope(tracer, other);
        send(2);  // sent by the event that answers the first
    }
    run_until(seconds(1));
    EXPECT_THAT(seen, ElementsAre(why, other));
}

TEST_F(ControllerLinks, ADeadBrokerHearsNothing) {
    send(1);
    run_until(milliseconds(3));
    broker.kill(EventNumber{});
    run_until(seconds(100));
    EXPECT_THAT(notes, ElementsAre("3 controller-101 takes 1"));
}

}  // namespace
}  // namespace bsim::test
