// The serving side: one request of a connection at a time, in order, each ended once.

#include "sim/node/request_costs.h"
#include "tests/unit/node/node_lab.h"

namespace bsim::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr SimDuration kTimeout = seconds(10);

// A client that sends its requests at once on a connection of its own, like a producer with acks=0.
class Pipeline : public ConnectionUser {
  public:
    Pipeline(Machine& machine, Address to, std::vector<std::int32_t> numbers)
        : machine_(machine), numbers_(std::move(numbers)) {
        machine_.connect(to, *this);
    }
    void connected(ConnectionId connection) override {
        connection_ = connection;
        for (const std::int32_t number : numbers_)
            send(number);
    }
    void send(std::int32_t number) {
        auto frame = std::make_unique<Frame>();
        frame->message = wire::Request{0, number, "pipeline", numbered_request(number)};
        machine_.send(connection_, std::move(frame));
    }
    void refused(ConnectionId) override {}
    void received(ConnectionId, std::unique_ptr<Frame> frame) override {
        answered.push_back(std::get<wire::Response>(frame->message).correlation_id);
    }
    void closed(ConnectionId, CloseReason) override {}

    std::vector<std::int32_t> answered;

  private:
    Machine& machine_;
    std::vector<std::int32_t> numbers_;
    ConnectionId connection_;
};

class RpcServers : public NodeLab {
  protected:
    RpcServers() {
        server.handler = [this](const RequestRef& ref, wire::Request& request) {
            const std::int32_t number = number_of(request.body);
            note("takes " + std::to_string(number));
            taken.push_back(ref);
            ++depth;
            EXPECT_EQ(depth, 1) << "taken up within the handler of another";
            on_request(ref, number);
            --depth;
        };
        for (Machine* machine : {&server, &one, &two})
            machine->start(EventNumber{});
    }

    void send(Machine& from, std::int32_t number) {
        from.client->send(server.address(), numbered_request(number), kTimeout,
                          [this, number](const RpcClient::Answer& answer) {
                              note(std::to_string(number) + ": " + text_of(answer));
                          });
    }
    void answer(std::size_t which, std::int32_t number) {
        server.answerer->answer(taken.at(which), numbered_response(number));
    }

    void pass(SimDuration time) { run_until(scheduler.now() - SimTime() + time); }

    Machine& server = add_machine("server");
    Machine& one = add_machine("one");
    Machine& two = add_machine("two");
    std::vector<RequestRef> taken;
    std::function<void(const RequestRef&, std::int32_t)> on_request = [](const RequestRef&,
                                                                         std::int32_t) {};
    int depth = 0;
};

TEST_F(RpcServers, TheNextRequestOfAConnectionWaitsForTheAnswerToTheOneBefore) {
    send(one, 1);
    send(one, 2);
    send(one, 3);
    run_until(milliseconds(10));
    EXPECT_THAT(notes, ElementsAre("3 takes 1"));
    answer(0, 1);
    run_until(milliseconds(20));
    EXPECT_THAT(notes, ElementsAre("3 takes 1", "10 takes 2", "11 1: answer 1"));
    answer(1, 2);
    run_until(milliseconds(30));
    answer(2, 3);
    run_until(milliseconds(40));
    EXPECT_EQ(notes.back(), "31 3: answer 3");
}

TEST_F(RpcServers, ConnectionsDoNotWaitForOneAnother) {
    send(one, 1);
    send(two, 2);
    run_until(milliseconds(10));
    EXPECT_THAT(notes, ElementsAre("3 takes 1", "3 takes 2"));
    answer(1, 2);
    run_until(milliseconds(20));
    EXPECT_EQ(notes.back(), "11 2: answer 2");
}

TEST_F(RpcServers, AnsweredWithinTheHandlerTheNextIsTakenUpAfterwardsAtTheSameTime) {
    on_request = [this](const RequestRef& ref, std::int32_t number) {
        server.answerer->answer(ref, numbered_response(number));
    };
    send(one, 1);
    send(one, 2);
    send(one, 3);
    run_until(milliseconds(10));
    EXPECT_THAT(notes, ElementsAre("3 takes 1", "3 takes 2", "3 takes 3", "4 1: answer 1",
                                   "4 2: answer 2", "4 3: answer 3"));
}

TEST_F(RpcServers, AFinishedRequestGetsNoAnswerAndLetsTheNextIn) {
    Pipeline pipeline(one, server.address(), {1, 2, 3});
    run_until(milliseconds(10));
    server.answerer->finish_silently(taken.at(0));
    run_until(milliseconds(20));
    answer(1, 2);
    run_until(milliseconds(30));
    EXPECT_THAT(notes, ElementsAre("3 takes 1", "10 takes 2", "20 takes 3"));
    EXPECT_THAT(pipeline.answered, ElementsAre(2));
}

TEST_F(RpcServers, DisconnectingEndsTheConnectionForThePeer) {
    send(one, 1);
    send(one, 2);
    send(two, 3);
    run_until(milliseconds(10));
    server.answerer->disconnect(taken.at(0));
    server.answerer->disconnect(taken.at(0));
    answer(1, 3);
    run_until(seconds(1));
    EXPECT_THAT(notes, ElementsAre("3 takes 1", "3 takes 3", "11 1: disconnected",
                                   "11 2: disconnected", "11 3: answer 3"));
}

TEST_F(RpcServers, AnAnswerForAConnectionThatIsGoneIsDropped) {
    send(one, 1);
    run_until(milliseconds(10));
    one.kill(EventNumber{});
    run_until(milliseconds(20));
    const std::uint64_t messages = network.messages();
    answer(0, 1);
    server.answerer->disconnect(taken.at(0));
    server.answerer->finish_silently(taken.at(0));
    run_until(milliseconds(30));
    EXPECT_EQ(network.messages(), messages);
    EXPECT_THAT(notes, ElementsAre("3 takes 1"));
}

// They stand in the server's socket, which its process reads to the end.
TEST_F(RpcServers, WhatCameBeforeItsClientDiedIsStillTakenUp) {
    const Pipeline pipeline(one, server.address(), {1, 2, 3});
    run_until(milliseconds(10));
    one.kill(EventNumber{});
    run_until(milliseconds(20));
    for (const std::size_t which : {0U, 1U, 2U}) {
        server.answerer->finish_silently(taken.at(which));
        pass(milliseconds(5));
    }
    EXPECT_THAT(notes, ElementsAre("3 takes 1", "20 takes 2", "25 takes 3"));
}

// The first answer to a dead client is met with a reset, on which the second one fails.
TEST_F(RpcServers, TheSecondAnswerToADeadClientEndsItsConnection) {
    const Pipeline pipeline(one, server.address(), {1, 2, 3});
    run_until(milliseconds(10));
    one.kill(EventNumber{});
    run_until(milliseconds(20));
    answer(0, 1);
    pass(milliseconds(5));
    answer(1, 2);
    pass(milliseconds(5));
    EXPECT_THAT(notes, ElementsAre("3 takes 1", "20 takes 2"));
    EXPECT_THAT(pipeline.answered, IsEmpty());
}

TEST_F(RpcServers, TheFirstAnswerIntoAResetConnectionEndsIt) {
    Pipeline pipeline(one, server.address(), {1, 2});
    run_until(milliseconds(10));
    network.add_rule(PartitionRule{{one.host()}, {server.host()}, true, RuleVerdict::Reject});
    pipeline.send(3);
    run_until(milliseconds(20));
    answer(0, 1);
    run_until(milliseconds(30));
    EXPECT_THAT(notes, ElementsAre("3 takes 1"));
}

TEST_F(RpcServers, APausedServerTakesUpOnResumingWhatCameMeanwhile) {
    send(one, 1);
    run_until(milliseconds(10));
    answer(0, 1);
    run_until(milliseconds(20));
    server.pause(EventNumber{});
    send(one, 2);
    send(two, 3);
    run_until(milliseconds(50));
    EXPECT_EQ(notes.size(), 2u);
    server.resume(EventNumber{}, WakeOrder::Arrival);
    run_until(milliseconds(51));
    EXPECT_THAT(notes, ElementsAre("3 takes 1", "11 1: answer 1", "50 takes 2", "50 takes 3"));
}

TEST_F(RpcServers, KilledBetweenAnswerAndNextRequestItTakesNothing) {
    send(one, 1);
    send(one, 2);
    run_until(milliseconds(9));
    at(milliseconds(10), [this] { answer(0, 1); });
    // The network thread has sent the answer and is taking the next request in.
    const SimDuration sent = send_cost(200);
    at(milliseconds(10) + sent, [this] { server.kill(EventNumber{}); });
    run_until(seconds(1));
    EXPECT_THAT(notes, ElementsAre("3 takes 1", "11 1: answer 1", "11 2: disconnected"));
}

TEST_F(RpcServers, ARequestIsHandledWithTheCauseThatItCameWith) {
    const EventNumber first = event("first");
    const EventNumber second = event("second");
    std::vector<EventNumber> causes;
    on_request = [&](const RequestRef&, std::int32_t) { causes.push_back(server.cause()); };
    {
        CauseScope scope(tracer, first);
        send(one, 1);
    }
    {
        CauseScope scope(tracer, second);
        send(one, 2);
    }
    run_until(milliseconds(10));
    {
        CauseScope scope(tracer, event("answer"));
        answer(0, 1);
    }
    run_until(milliseconds(20));
    EXPECT_THAT(causes, ElementsAre(first, second));
}

// Refuses the second request of `one`, with `event` as the cause.
std::shared_ptr<RequestErrorRule> refuse_second(const Machine& one, EventNumber cause) {
    auto rule = std::make_shared<RequestErrorRule>();
    rule->error = wire::ErrorCode::NotController;
    rule->matches = [](const Frame& frame) {
        return frame.api == wire::ApiKey::AllocateProducerIds;
    };
    rule->from = {one.host()};
    rule->nth = 2;
    rule->cause = cause;
    return rule;
}

TEST_F(RpcServers, ARefusedRequestIsAnsweredAndNotHandled) {
    on_request = [this](const RequestRef& ref, std::int32_t number) {
        server.answerer->answer(ref, numbered_response(number));
    };
    server.errors.add(refuse_second(one, event("fault")));
    std::vector<wire::ErrorCode> answers;
    const auto ask = [&](Machine& from, std::int32_t number) {
        from.client->send(server.address(), numbered_request(number), kTimeout,
                          [&](const RpcClient::Answer& answer) {
                              const auto& body =
                                  std::get<wire::AllocateProducerIdsResponse>(*answer);
                              answers.push_back(wire::error_code(body.error_code));
                          });
        pass(milliseconds(20));
    };
    ask(one, 1);
    ask(two, 2);
    ask(one, 3);
    ask(one, 4);
    EXPECT_EQ(taken.size(), 3U);
    using wire::ErrorCode;
    EXPECT_THAT(answers, ElementsAre(ErrorCode::None, ErrorCode::None, ErrorCode::NotController,
                                     ErrorCode::None));
}

TEST_F(RpcServers, ARefusalCostsTheThreadsWhatAnAnswerDoes) {
    std::vector<SimTime> answered;
    const auto ask = [&] {
        one.client->send(server.address(), numbered_request(1), kTimeout,
                         [&](const RpcClient::Answer&) { answered.push_back(scheduler.now()); });
        pass(milliseconds(20));
    };
    on_request = [this](const RequestRef& ref, std::int32_t number) {
        server.answerer->answer(ref, numbered_response(number));
    };
    ask();  // the connection, and code that never ran
    const SimTime served = scheduler.now();
    ask();
    const auto rule = refuse_second(one, event("fault"));
    rule->nth = 1;
    server.errors.add(rule);
    const SimTime refused = scheduler.now();
    ask();
    ASSERT_EQ(answered.size(), 3U);
    EXPECT_EQ(answered[1] - served, answered[2] - refused);
    EXPECT_EQ(taken.size(), 2U);
    server.errors.remove(rule);
    ask();
    EXPECT_EQ(taken.size(), 3U);
}

TEST_F(RpcServers, ARuleCountsOverAllItsServersAndDrawsForEachMatch) {
    const auto rule = refuse_second(one, EventNumber{});
    rule->count = 2;
    int draws = 0;
    rule->chosen = [&] { return ++draws != 3; };
    RequestErrors here;
    RequestErrors there;
    here.add(rule);
    there.add(rule);
    Frame frame{};
    frame.api = wire::ApiKey::AllocateProducerIds;
    std::vector<bool> struck;
    for (int i = 0; i < 4; ++i)
        struck.push_back((i % 2 == 0 ? here : there).strike(one.host(), frame) != nullptr);
    EXPECT_THAT(struck, ElementsAre(false, true, false, false));
    EXPECT_EQ(draws, 4);
    EXPECT_EQ(here.strike(two.host(), frame), nullptr);
    EXPECT_EQ(here.strike(std::nullopt, frame), nullptr) << "whoever it was has gone";
    EXPECT_EQ(draws, 4);
}

}  // namespace
}  // namespace bsim::test
