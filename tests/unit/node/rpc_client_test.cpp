// Requests from one process to another: answers find their requests, and every request that is not
// forgotten ends with an answer or a failure.

#include "sim/wire/api_table.h"
#include "tests/unit/node/node_lab.h"

namespace bsim::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr SimDuration kTimeout = milliseconds(100);

class RpcClients : public NodeLab {
  protected:
    RpcClients() {
        server.handler = [this](const RequestRef& ref, wire::Request& request) {
            held.emplace_back(ref, number_of(request.body));
            seen.push_back(request);
            if (answer_at_once)
                server.answerer->answer(ref, numbered_response(number_of(request.body)));
        };
        client.start(EventNumber{});
        server.start(EventNumber{});
    }

    RpcClient::Callback noting(std::int32_t number) {
        return [this, number](const RpcClient::Answer& answer) {
            note(std::to_string(number) + ": " + text_of(answer));
        };
    }
    void send(std::int32_t number, SimDuration timeout = kTimeout) {
        client.client->send(server.address(), numbered_request(number), timeout, noting(number));
    }
    // Answers what the server holds, oldest first, up to the last.
    void answer_held() {
        for (std::size_t i = 0; i < held.size(); ++i)
            server.answerer->answer(held[i].first, numbered_response(held[i].second));
        held.clear();
    }

    Machine& client = add_machine("client");
    Machine& server = add_machine("server");
    bool answer_at_once = true;
    std::vector<std::pair<RequestRef, std::int32_t>> held;
    std::vector<wire::Request> seen;
};

// A connection takes two milliseconds, a request with its answer two more.
TEST_F(RpcClients, EachAnswerFindsItsRequest) {
    send(1);
    send(2);
    run_until(milliseconds(50));
    send(3);
    run_until(seconds(1));
    EXPECT_THAT(notes, ElementsAre("4 1: answer 1", "4 2: answer 2", "52 3: answer 3"));
}

TEST_F(RpcClients, ARequestWhoseAnswerARuleTookTimesOutAndTheNextIsAnswered) {
    MessageRule rule;
    rule.verb = MessageRule::Verb::Drop;
    rule.name = "r";
    rule.matches = [](const Frame& frame) {
        return std::holds_alternative<wire::Response>(frame.message);
    };
    network.add_rule(rule);
    send(1);
    send(2);
    run_until(seconds(1));
    EXPECT_THAT(notes, ElementsAre("4 2: answer 2", "100 1: timed out"));
}

TEST_F(RpcClients, AConnectionThatIsNotSetUpInTimeIsGivenUpAndTheNextGetsLonger) {
    server.lose_power(EventNumber{});
    SimTime first;
    client.client->send(server.address(), numbered_request(1), seconds(60),
                        [&](const auto& answer) {
                            note(text_of(answer));
                            first = client.now();
                            send(2, seconds(60));
                        });
    run_until(seconds(100));
    EXPECT_GE(first - SimTime(), milliseconds(8000));
    EXPECT_LE(first - SimTime(), milliseconds(12'000));
    ASSERT_EQ(notes.size(), 2u);
    EXPECT_THAT(notes[0], testing::EndsWith("disconnected"));
    EXPECT_THAT(notes[1], testing::EndsWith("2: disconnected"));
    const std::int64_t second = std::stoll(notes[1]) - (first - SimTime()).ms();
    EXPECT_GE(second, 16'000);
    EXPECT_LE(second, 24'000);
}

TEST_F(RpcClients, RequestsAreNumberedAndSpeakTheNewestStableVersion) {
    send(1);
    client.client->send(server.address(), numbered_request(2), kTimeout, noting(2));
    run_until(seconds(1));
    ASSERT_EQ(seen.size(), 2u);
    EXPECT_EQ(seen[0].correlation_id, 0);
    EXPECT_EQ(seen[1].correlation_id, 1);
    EXPECT_EQ(seen[0].client_id, "client-client");
    EXPECT_EQ(seen[0].version, wire::latest_stable_version(wire::ApiKey::AllocateProducerIds));
}

TEST_F(RpcClients, OneConnectionAPeerIsOpenedOnDemandAndKept) {
    struct Tap : NetworkTap {
        void sent(HostId, HostId, const Frame& frame) override {
            EXPECT_EQ(frame.api, wire::ApiKey::AllocateProducerIds);
            EXPECT_GT(frame.bytes, 0);
        }
        void delivered(HostId, HostId, const Frame&) override {}
        void dropped(HostId, HostId, const Frame&, const char*) override {}
        void opened(HostId, HostId to) override { peers.push_back(to); }
        void closed(HostId, HostId, const char*) override {}
        std::vector<HostId> peers;
    } tap;
    network.set_tap(&tap);
    Machine& other = add_machine("other");
    other.handler = [&](const RequestRef& ref, wire::Request&) {
        other.answerer->answer(ref, numbered_response(99));
    };
    other.start(EventNumber{});
    run_until(milliseconds(10));
    EXPECT_THAT(tap.peers, IsEmpty());
    for (std::int32_t i = 0; i < 3; ++i)
        send(i);
    run_until(milliseconds(20));
    send(3);
    client.client->send(other.address(), numbered_request(4), kTimeout, noting(4));
    run_until(milliseconds(50));
    EXPECT_THAT(tap.peers, ElementsAre(server.host(), other.host()));
    ASSERT_EQ(notes.size(), 5u);
    EXPECT_EQ(notes.back(), "24 4: answer 99");
    network.set_tap(nullptr);
}

TEST_F(RpcClients, UnansweredInTimeItFailsWithAllThatIsUnderWayOnItsConnection) {
    answer_at_once = false;
    send(1);
    run_until(milliseconds(50));
    send(2);
    run_until(seconds(1));
    EXPECT_THAT(notes, ElementsAre("100 1: timed out", "100 2: timed out"));
    const std::uint64_t messages = network.messages();
    answer_held();
    run_until(seconds(2));
    EXPECT_EQ(network.messages(), messages) << "the server knows that the connection is gone";
    EXPECT_EQ(notes.size(), 2u);
}

TEST_F(RpcClients, AnEarlierDeadlineBehindALaterOneCounts) {
    answer_at_once = false;
    send(1, milliseconds(500));
    send(2, milliseconds(40));
    run_until(seconds(1));
    EXPECT_THAT(notes, ElementsAre("40 1: timed out", "40 2: timed out"));
}

TEST_F(RpcClients, AnAnswerInTimeLeavesTheOthersTheirOwnTime) {
    answer_at_once = false;
    send(1, milliseconds(60));
    run_until(milliseconds(30));
    answer_held();
    send(2, milliseconds(60));
    run_until(milliseconds(89));
    EXPECT_THAT(notes, ElementsAre("31 1: answer 1"));
    run_until(seconds(1));
    EXPECT_THAT(notes, ElementsAre("31 1: answer 1", "90 2: timed out"));
}

TEST_F(RpcClients, ATimeoutRunsWhileItIsStillConnecting) {
    network.add_rule(PartitionRule{{client.host()}, {server.host()}, true, RuleVerdict::Drop});
    send(1);
    run_until(seconds(5));
    EXPECT_THAT(notes, ElementsAre("100 1: timed out"));
    EXPECT_THAT(seen, IsEmpty());
}

TEST_F(RpcClients, AfterATimeoutTheNextRequestTakesANewConnection) {
    answer_at_once = false;
    send(1);
    run_until(milliseconds(200));
    answer_at_once = true;
    send(2);
    run_until(seconds(1));
    EXPECT_THAT(notes, ElementsAre("100 1: timed out", "204 2: answer 2"));
    ASSERT_EQ(held.size(), 2u);
    EXPECT_NE(held[0].first.connection, held[1].first.connection);
}

TEST_F(RpcClients, TheDeadRefuse) {
    server.kill(EventNumber{});
    send(1);
    send(2);
    run_until(seconds(1));
    EXPECT_THAT(notes, ElementsAre("2 1: refused", "2 2: refused"));
    server.start(EventNumber{});
    send(3);
    run_until(seconds(2));
    EXPECT_EQ(notes.back(), "1004 3: answer 3");
}

TEST_F(RpcClients, AServerThatDiesFailsWhatWasUnderWay) {
    answer_at_once = false;
    send(1);
    send(2);
    run_until(milliseconds(20));
    server.kill(EventNumber{});
    run_until(seconds(1));
    EXPECT_THAT(notes, ElementsAre("21 1: disconnected", "21 2: disconnected"));
}

TEST_F(RpcClients, AServerThatClosesFailsWhatWasUnderWay) {
    answer_at_once = false;
    send(1);
    run_until(milliseconds(20));
    server.answerer->disconnect(held.front().first);
    run_until(seconds(1));
    EXPECT_THAT(notes, ElementsAre("21 1: disconnected"));
}

TEST_F(RpcClients, AResetFailsWhatWasUnderWay) {
    answer_at_once = false;
    send(1);
    run_until(milliseconds(20));
    network.add_rule(PartitionRule{{client.host()}, {server.host()}, true, RuleVerdict::Reject});
    answer_held();
    run_until(seconds(1));
    EXPECT_THAT(notes, ElementsAre("20 1: disconnected"));
}

TEST_F(RpcClients, WhoAsksAgainOnFailureIsNotHitByTheSameFailure) {
    answer_at_once = false;
    client.client->send(server.address(), numbered_request(1), kTimeout,
                        [this](const RpcClient::Answer& answer) {
                            note("1: " + text_of(answer));
                            send(10);
                        });
    send(2);
    run_until(milliseconds(20));
    server.kill(EventNumber{});
    server.start(EventNumber{});
    answer_at_once = true;
    run_until(seconds(1));
    EXPECT_THAT(notes, ElementsAre("21 1: disconnected", "21 2: disconnected", "25 10: answer 10"));
}

TEST_F(RpcClients, DisconnectingForgetsWhatIsUnderWayToThatPeerAlone) {
    Machine& other = add_machine("other");
    other.handler = [&](const RequestRef& ref, wire::Request&) {
        other.answerer->answer(ref, numbered_response(99));
    };
    other.start(EventNumber{});
    send(1);
    client.client->send(other.address(), numbered_request(2), kTimeout, noting(2));
    run_until(milliseconds(3));
    client.client->disconnect(server.address());
    client.client->disconnect(server.address());
    run_until(seconds(1));
    EXPECT_THAT(notes, ElementsAre("4 2: answer 99"));
    send(3);
    run_until(seconds(2));
    EXPECT_EQ(notes.back(), "1004 3: answer 3");
}

TEST_F(RpcClients, ADeadClientIsNotAnswered) {
    answer_at_once = false;
    send(1);
    run_until(milliseconds(20));
    client.kill(EventNumber{});
    client.start(EventNumber{});
    answer_held();
    run_until(seconds(1));
    EXPECT_THAT(notes, IsEmpty());
}

TEST_F(RpcClients, AnAnswerThatCameDuringAPauseBeatsTheTimeout) {
    answer_at_once = false;
    send(1);
    run_until(milliseconds(20));
    client.pause(EventNumber{});
    answer_held();
    run_until(milliseconds(500));
    client.resume(EventNumber{}, WakeOrder::Arrival);
    run_until(seconds(2));
    EXPECT_THAT(notes, ElementsAre("500 1: answer 1"));
}

TEST_F(RpcClients, ARequestMadeAfterAPauseHasItsWholeTimeout) {
    answer_at_once = false;
    client.client->send(server.address(), numbered_request(1), kTimeout,
                        [this](const RpcClient::Answer& answer) {
                            note("1: " + text_of(answer));
                            answer_at_once = true;
                            send(2);
                        });
    run_until(milliseconds(20));
    client.pause(EventNumber{});
    answer_held();
    run_until(milliseconds(500));
    client.resume(EventNumber{}, WakeOrder::Arrival);
    run_until(seconds(2));
    EXPECT_THAT(notes, ElementsAre("500 1: answer 1", "502 2: answer 2"));
}

TEST_F(RpcClients, ARequestTravelsWithTheCauseOfItsSender) {
    const EventNumber why = event("ask");
    EventNumber at_server;
    EventNumber at_client;
    const EventNumber reply = event("reply");
    server.handler = nullptr;
    server.kill(EventNumber{});
    server.handler = [&](const RequestRef& ref, wire::Request&) {
        at_server = server.cause();
        CauseScope scope(tracer, reply);
        server.answerer->answer(ref, numbered_response(1));
    };
    server.start(EventNumber{});
    {
        CauseScope scope(tracer, why);
        client.client->send(server.address(), numbered_request(1), kTimeout,
                            [&](const RpcClient::Answer&) { at_client = client.cause(); });
    }
    run_until(seconds(1));
    EXPECT_EQ(at_server, why) << "though it waited for the connection";
    EXPECT_EQ(at_client, reply);
}

}  // namespace
}  // namespace bsim::test
