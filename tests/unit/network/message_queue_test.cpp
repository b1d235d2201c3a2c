#include "sim/network/message_queue.h"

#include <deque>

#include <gtest/gtest.h>

#include "sim/kernel/rng.h"

namespace bsim {
namespace {

// Ends of streams, which the test tells apart by their bytes.
TEST(MessageQueue, BehavesAsADequeThatGrowsAndShrinks) {
    RngStream rng(1);
    MessageQueue queue;
    std::deque<std::int64_t> twin;
    for (std::int64_t i = 0; i < 20'000; ++i) {
        // Mostly grows for a while, then mostly shrinks, and is emptied now and then.
        const bool growing = i / 500 % 2 == 0;
        const std::uint64_t dice = rng.below(100);
        if (dice < (growing ? 60U : 40U)) {
            queue.add().bytes = i;
            twin.push_back(i);
        } else if (dice < 98 && !twin.empty()) {
            EXPECT_EQ(queue.front().bytes, twin.front());
            queue.pop_front();
            twin.pop_front();
        } else if (dice == 98 && !twin.empty()) {
            EXPECT_EQ(queue.back().bytes, twin.back());
            queue.pop_back();
            twin.pop_back();
        } else if (dice == 99 && rng.below(10) == 0) {
            queue.clear();
            twin.clear();
        }
        ASSERT_EQ(queue.size(), twin.size());
        ASSERT_EQ(queue.empty(), twin.empty());
        if (!twin.empty()) {
            const std::size_t at = rng.below(twin.size());
            ASSERT_EQ(queue[at].bytes, twin[at]);
        }
    }
    std::deque<std::int64_t> rest;
    for (const Outgoing& message : queue)
        rest.push_back(message.bytes);
    EXPECT_EQ(rest, twin);
}

}  // namespace
}  // namespace bsim
