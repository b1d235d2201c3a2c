// The threads between sockets and handlers: where requests wait, and for how long.

#include "sim/node/request_pipeline.h"

#include "sim/node/request_costs.h"
#include "tests/unit/node/node_lab.h"

namespace bsim::test {
namespace {

using testing::ElementsAre;

constexpr std::int64_t kBytes = 1000;
constexpr wire::ApiKey kApi = wire::ApiKey::Fetch;

// Times in the notes are microseconds since the start, and on one network thread.
class Pipelines : public NodeLab {
  protected:
    Pipelines() { machine.start(EventNumber{}); }

    void make(const ServerThreads& threads) {
        pipeline = std::make_unique<RequestPipeline>(
            machine, threads,
            [this](ConnectionId, std::unique_ptr<Frame> frame) {
                note_us("handle", *frame);
                on_handle(std::move(frame));
            },
            [this](ConnectionId, std::unique_ptr<Frame> frame) { note_us("sent", *frame); });
    }
    // A request with a number of its own.
    void receive(std::int64_t number) {
        auto frame = std::make_unique<Frame>();
        frame->api = kApi;
        frame->bytes = kBytes;
        frame->cause = EventNumber(static_cast<std::uint64_t>(number));
        pipeline->receive(0, ConnectionId{}, std::move(frame));
    }
    void note_us(const std::string& what, const Frame& frame) {
        story.push_back(std::to_string((scheduler.now() - SimTime()).ns()) + " " + what + " " +
                        std::to_string(frame.cause.value()));
    }
    static std::string at_ns(SimDuration when, const std::string& what) {
        return std::to_string(when.ns()) + " " + what;
    }

    Machine& machine = add_machine("m");
    std::unique_ptr<RequestPipeline> pipeline;
    std::function<void(std::unique_ptr<Frame>)> on_handle = [](std::unique_ptr<Frame>) {};
    std::vector<std::string> story;
    const SimDuration in = receive_cost(kBytes);
    const SimDuration out = send_cost(kBytes);
    const SimDuration work = handling_cost(kApi, kBytes);
};

TEST_F(Pipelines, ARequestPassesAnIdleServerAtTheSumOfItsCosts) {
    make({3, 8, 500});
    on_handle = [this](std::unique_ptr<Frame> frame) {
        pipeline->send(0, ConnectionId{}, std::move(frame));
    };
    receive(1);
    run_until(seconds(1));
    EXPECT_THAT(story, ElementsAre(at_ns(in + work, "handle 1"), at_ns(in + work + out, "sent 1")));
}

TEST_F(Pipelines, ANetworkThreadTakesRequestsInOneAfterTheOther) {
    make({1, 8, 500});
    receive(1);
    receive(2);
    receive(3);
    run_until(seconds(1));
    EXPECT_THAT(story, ElementsAre(at_ns(in + work, "handle 1"), at_ns(in + in + work, "handle 2"),
                                   at_ns(in + in + in + work, "handle 3")));
}

TEST_F(Pipelines, WithOneHandlerRequestsQueueForIt) {
    make({1, 1, 500});
    for (const int number : {1, 2, 3})
        receive(number);
    run_until(in + in + in);
    EXPECT_EQ(pipeline->busy_handlers(), 1);
    run_until(seconds(1));
    EXPECT_THAT(story,
                ElementsAre(at_ns(in + work, "handle 1"), at_ns(in + work + work, "handle 2"),
                            at_ns(in + work + work + work, "handle 3")));
    EXPECT_EQ(pipeline->busy_handlers(), 0);
}

TEST_F(Pipelines, AHandlerThatIsHeldServesNobodyElse) {
    make({1, 1, 500});
    on_handle = [this](std::unique_ptr<Frame>) {
        if (story.size() == 1)
            pipeline->hold_handler();
    };
    receive(1);
    receive(2);
    run_until(milliseconds(10));
    EXPECT_THAT(story, ElementsAre(at_ns(in + work, "handle 1")));
    EXPECT_EQ(pipeline->queued(), 1u);
    pipeline->release_handler();
    run_until(milliseconds(20));
    EXPECT_EQ(story.back(), at_ns(milliseconds(10) + work, "handle 2"));
}

TEST_F(Pipelines, AFullQueueBlocksTheNetworkThreadAndItsAnswers) {
    make({1, 1, 1});
    bool held = false;
    on_handle = [&](std::unique_ptr<Frame>) {
        if (!std::exchange(held, true))
            pipeline->hold_handler();
    };
    for (const int number : {1, 2, 3, 4})
        receive(number);
    run_until(milliseconds(10));
    EXPECT_EQ(pipeline->queued(), 1u) << "request 3 blocks the thread, 4 is in the socket";
    auto answer = std::make_unique<Frame>();
    answer->cause = EventNumber(1);
    answer->bytes = kBytes;
    pipeline->send(0, ConnectionId{}, std::move(answer));
    run_until(milliseconds(20));
    EXPECT_EQ(story.size(), 1u) << "the answer waits behind the blocked thread";
    pipeline->release_handler();
    run_until(milliseconds(30));
    EXPECT_EQ(story.size(), 5u);
    EXPECT_EQ(pipeline->queued(), 0u);
}

TEST_F(Pipelines, LatencyUnderLoadComesFromTheQueue) {
    make({1, 1, 500});
    // Requests come a little faster than one handler can serve them: each waits longer.
    const SimDuration apart = work - microseconds(1);
    ASSERT_GT(apart, in);
    for (int i = 0; i < 100; ++i)
        at(SimDuration(apart.ns() * i), [this, i] { receive(i); });
    run_until(seconds(1));
    ASSERT_EQ(story.size(), 100u);
    EXPECT_EQ(story.front(), at_ns(in + work, "handle 0"));
    EXPECT_EQ(story.back(), at_ns(in + SimDuration(work.ns() * 100), "handle 99"));
}

TEST_F(Pipelines, ASlowProcessorStretchesEveryStep) {
    make({1, 1, 500});
    machine.cpu().begin_slow(Ratio{10, 1});
    receive(1);
    run_until(seconds(1));
    EXPECT_THAT(story, ElementsAre(at_ns(SimDuration((in + work).ns() * 10), "handle 1")));
}

TEST(RequestCosts, BytesCostWhereTheyAreLookedAt) {
    const auto extra = [](wire::ApiKey api) {
        return handling_cost(api, 1'000'000) - handling_cost(api, 0);
    };
    EXPECT_EQ(extra(wire::ApiKey::Produce), microseconds(750)) << "checked, 0.75 ns a byte";
    EXPECT_EQ(extra(wire::ApiKey::Fetch), SimDuration(0)) << "sendfile";
    EXPECT_GT(replica_fetch_cost(1'000'000), replica_fetch_cost(0) + microseconds(700));
    EXPECT_GT(receive_cost(1'000'000), receive_cost(0));
    EXPECT_GT(handling_cost(wire::ApiKey::CreateTopics, 100), SimDuration(0));
}

}  // namespace
}  // namespace bsim::test
