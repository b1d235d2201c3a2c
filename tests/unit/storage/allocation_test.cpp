#include <gtest/gtest.h>

#include "sim/storage/partition_log.h"
#include "tests/allocations/allocations.h"
#include "tests/unit/storage/storage_fixture.h"

namespace bsim::test {
namespace {

// An idempotent producer's batches, as a leader appends them.
class Allocations : public StorageTest {
  protected:
    std::vector<SharedBytes> batches(int count) {
        std::vector<SharedBytes> made;
        for (int i = 0; i < count; ++i) {
            made.push_back(
                make_batch({.records = 10, .producer = 7, .epoch = 0, .sequence = next_}));
            next_ += 10;
        }
        return made;
    }
    void append(const std::vector<SharedBytes>& sent) {
        for (const SharedBytes& batch : sent)
            must(log_.append_as_leader(batch, LeaderEpoch(1), now_, AppendOrigin::Client));
    }

    PartitionLog log_ = must(open("orders-0", {}));
    std::int32_t next_ = 0;
};

TEST_F(Allocations, AppendMakesNone) {
    append(batches(5000));
    const std::vector<SharedBytes> more = batches(1000);
    const std::uint64_t before = allocations();
    append(more);
    EXPECT_EQ(allocations() - before, 0U);
}

// One for the bytes, one for what their readers share.
TEST_F(Allocations, ReadMakesTwo) {
    append(batches(5000));
    const auto read = [&](int from, int to) {
        for (int batch = from; batch < to; ++batch) {
            ReadSpec spec;
            spec.from = Offset(batch * 10);
            spec.max_bytes = 1;
            spec.min_one_batch = true;
            spec.upper_bound = log_.leo();
            must(log_.read(spec));
        }
    };
    read(0, 100);
    const std::uint64_t before = allocations();
    read(100, 1100);
    EXPECT_EQ(allocations() - before, 2000U);
}

}  // namespace
}  // namespace bsim::test
