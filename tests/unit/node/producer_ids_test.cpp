// Producer ids from the controller's blocks. Blocks here are of twenty ids.

#include "sim/node/producer_ids.h"

#include "tests/unit/node/node_lab.h"

namespace bsim::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int32_t kBlock = 20;

class ProducerIdBlocks : public NodeLab {
  protected:
    ProducerIdBlocks() {
        controller.handler = [this](const RequestRef& ref, wire::Request& request) {
            requests.push_back(std::get<wire::AllocateProducerIdsRequest>(request.body));
            note("asked");
            if (silent)
                return;
            wire::AllocateProducerIdsResponse response;
            response.error_code = static_cast<std::int16_t>(error);
            if (error == wire::ErrorCode::None) {
                response.producer_id_start = next_start;
                response.producer_id_len = kBlock;
                next_start += 1000;
            }
            controller.answerer->answer(ref, response);
        };
        controller.start(EventNumber{});
        broker.start(EventNumber{});
        link.start();
    }

    // The id, or the error as a negative number.
    std::int64_t ask() {
        wire::InitProducerIdRequest request;
        request.transactional_id = std::nullopt;
        const auto response = ids.init(request);
        if (response.error_code != 0) {
            EXPECT_EQ(response.producer_id, -1);
            EXPECT_EQ(response.producer_epoch, -1);
            return -response.error_code;
        }
        EXPECT_EQ(response.producer_epoch, 0);
        return response.producer_id;
    }
    void pass(SimDuration time) { run_until(scheduler.now() - SimTime() + time); }

    Machine& controller = add_machine("controller-101");
    Machine& broker = add_machine("broker-7");
    std::optional<BrokerEpoch> epoch = BrokerEpoch(33);
    wire::ErrorCode error = wire::ErrorCode::None;
    bool silent = false;
    std::int64_t next_start = 5000;
    std::vector<wire::AllocateProducerIdsRequest> requests;
    ControllerLink link{
        ControllerLink::Parts{broker, "link", [this](BrokerId) { return controller.address(); },
                              [] { return std::optional(BrokerId(101)); }},
        lifecycle::ChannelConfig{seconds(2)}};
    ProducerIds ids{broker, link, BrokerId(7), [this] { return epoch; }};
};

constexpr std::int64_t kLoading = -14;  // COORDINATOR_LOAD_IN_PROGRESS

TEST_F(ProducerIdBlocks, TheFirstWhoAsksHasToAskAgainOnceTheBlockIsThere) {
    EXPECT_EQ(ask(), kLoading);
    EXPECT_EQ(ask(), kLoading);
    pass(milliseconds(10));
    ASSERT_EQ(requests.size(), 1u) << "one request at a time";
    EXPECT_EQ(requests[0].broker_id, 7);
    EXPECT_EQ(requests[0].broker_epoch, 33);
    EXPECT_EQ(ask(), 5000);
    EXPECT_EQ(ask(), 5001);
}

TEST_F(ProducerIdBlocks, BeforeItIsRegisteredTheBrokerHasNoEpoch) {
    epoch.reset();
    ask();
    pass(milliseconds(10));
    ASSERT_EQ(requests.size(), 1u);
    EXPECT_EQ(requests[0].broker_epoch, -1);
}

// RPCProducerIdManager asks when it hands out the id at nine tenths of the block, here the 19th.
TEST_F(ProducerIdBlocks, TheNextBlockIsFetchedWhenNineTenthsAreUsed) {
    ask();
    pass(milliseconds(10));
    for (int i = 0; i < 18; ++i)
        ask();
    pass(milliseconds(10));
    EXPECT_EQ(requests.size(), 1u);
    EXPECT_EQ(ask(), 5018);
    pass(milliseconds(10));
    EXPECT_EQ(requests.size(), 2u);
    EXPECT_EQ(ask(), 5019);
    EXPECT_EQ(ask(), 6000) << "no waiting between blocks";
    pass(milliseconds(10));
    EXPECT_EQ(requests.size(), 2u);
}

TEST_F(ProducerIdBlocks, ABlockThatRunsOutBeforeTheNextIsThereMakesClientsAskAgain) {
    ask();
    pass(milliseconds(10));
    for (std::int64_t id = 5000; id < 5020; ++id)
        EXPECT_EQ(ask(), id);
    EXPECT_EQ(ask(), kLoading);
    pass(milliseconds(10));
    EXPECT_EQ(ask(), 6000);
    EXPECT_EQ(requests.size(), 2u);
}

// Nothing is asked of the controller unless a client asks, and not within 50 ms of a refusal.
TEST_F(ProducerIdBlocks, ARefusalBacksOffAndTheNextClientAfterItAsksAnew) {
    error = wire::ErrorCode::BrokerIdNotRegistered;
    EXPECT_EQ(ask(), kLoading);
    pass(milliseconds(40));  // refused after 4
    EXPECT_EQ(ask(), kLoading);
    pass(milliseconds(13));
    EXPECT_EQ(ask(), kLoading);
    pass(seconds(1));
    EXPECT_THAT(notes, ElementsAre("3 asked"));
    error = wire::ErrorCode::None;
    EXPECT_EQ(ask(), kLoading);
    pass(milliseconds(10));
    EXPECT_THAT(notes, ElementsAre("3 asked", "1054 asked"));
    EXPECT_EQ(ask(), 5000);
}

TEST_F(ProducerIdBlocks, TheBackoffEndsAfter50Milliseconds) {
    error = wire::ErrorCode::StaleBrokerEpoch;
    ask();
    pass(milliseconds(55));
    ask();
    pass(milliseconds(10));
    EXPECT_THAT(notes, ElementsAre("3 asked", "56 asked"));
}

TEST_F(ProducerIdBlocks, ARequestThatWasGivenUpBacksOffNoFurther) {
    silent = true;
    ask();
    run_until(milliseconds(2000));
    ask();
    run_until(milliseconds(2500));
    EXPECT_THAT(notes, ElementsAre("3 asked", "2053 asked"));  // connecting again takes its time
}

TEST_F(ProducerIdBlocks, TransactionsHaveNoCoordinator) {
    wire::InitProducerIdRequest request;
    request.transactional_id = "t";
    const auto response = ids.init(request);
    EXPECT_EQ(response.error_code,
              static_cast<std::int16_t>(wire::ErrorCode::CoordinatorNotAvailable));
    EXPECT_EQ(response.producer_id, -1);
    EXPECT_EQ(response.producer_epoch, -1);
    pass(milliseconds(10));
    EXPECT_THAT(requests, IsEmpty());
}

}  // namespace
}  // namespace bsim::test
