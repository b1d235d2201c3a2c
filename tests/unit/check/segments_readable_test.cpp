#include "sim/check/segments_readable.h"

#include <gtest/gtest.h>

#include "sim/storage/log_files.h"
#include "sim/storage/posix_disk.h"
#include "sim/wire/batch_builder.h"
#include "tests/support/temp_dir.h"

namespace bsim {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes batch(std::int64_t base, std::int32_t epoch, const std::vector<std::string>& values) {
    wire::BatchOptions options;
    options.base_offset = base;
    options.leader_epoch = epoch;
    wire::BatchBuilder builder(options);
    for (const std::string& value : values) {
        builder.append(1000 + base, std::nullopt, as_bytes(value), {});
    }
    return builder.build();
}

void add(Bytes& to, const Bytes& more) {
    to.insert(to.end(), more.begin(), more.end());
}

Bytes index_entry(std::int32_t offset, std::int32_t position) {
    ByteWriter out;
    out.put_i32(offset);
    out.put_i32(position);
    return out.take();
}

Bytes time_entry(std::int64_t timestamp, std::int32_t offset) {
    ByteWriter out;
    out.put_i64(timestamp);
    out.put_i32(offset);
    return out.take();
}

// One directory of broker 1 with the partition t-0, as a run leaves it.
class SegmentsReadable : public testing::Test {
  protected:
    void SetUp() override {
        auto disk = PosixDisk::open_root(root_.path(), 16);
        ASSERT_TRUE(disk.ok());
        disk_ = std::move(disk).value();
        ASSERT_TRUE(disk_->make_dirs("broker-1/t-0").ok());
        PartitionChanged created;
        created.p = {"t", PartitionIndex(0)};
        created.leader = BrokerId(1);
        created.reason = "created";
        view_.on({EventNumber(1), SimTime(), NodeName::controller(BrokerId(100)), created});
        // Offsets 0..1, 2 in the first segment and 3, 5..6 (a gap) in the second.
        first_ = batch(0, 0, {"a", "b"});
        second_at_ = static_cast<std::int32_t>(first_.size());
        add(first_, batch(2, 0, {"c"}));
        put(0, kLogSuffix, first_);
        put(0, kIndexSuffix, index_entry(2, second_at_));
        put(0, kTimeIndexSuffix, time_entry(1002, 2));
        last_ = batch(3, 1, {"d"});
        add(last_, batch(5, 2, {"e", "f"}));
        put(3, kLogSuffix, last_);
    }

    void put(std::int64_t base, std::string_view suffix, const Bytes& bytes) {
        const auto file = File::open(*disk_, "broker-1/t-0/" + log_file_name(Offset(base), suffix),
                                     OpenMode::Truncate);
        ASSERT_TRUE(file.ok());
        ASSERT_TRUE(file->write(0, bytes).ok());
    }
    SegmentsReport read(bool closed) {
        return read_segments(*disk_, {{NodeName("broker-1"), "broker-1", closed}},
                             {SimTime(9), EventNumber(8)}, view_);
    }
    // The only finding, "" if there is none.
    std::string finding() {
        const CheckResult check = read(true).check;
        EXPECT_LE(check.violations.size(), 1U);
        return check.violations.empty() ? "" : check.violations.front().detail;
    }

    test::TempDir root_;
    std::unique_ptr<Disk> disk_;
    ClusterView view_;
    Bytes first_;
    Bytes last_;
    std::int32_t second_at_ = 0;
};

TEST_F(SegmentsReadable, AcceptsWhatABrokerWrites) {
    const SegmentsReport report = read(true);
    EXPECT_EQ(report.check.name, "segments-readable");
    EXPECT_TRUE(report.check.violations.empty()) << report.check.violations.front().detail;
    EXPECT_EQ(report.check.evaluations, 2U + 4U + 2U);  // segments, batches, entries
    EXPECT_EQ(report.records_duplicated, 0);
}

TEST_F(SegmentsReadable, FindsEachFlippedByteThatTheCrcOrTheLengthGuards) {
    for (std::size_t at = 0; at < first_.size(); ++at) {
        const std::size_t in_batch = at < static_cast<std::size_t>(second_at_)
                                         ? at
                                         : at - static_cast<std::size_t>(second_at_);
        // Base offset and leader epoch lie outside of the CRC.
        if (in_batch < 8 || (in_batch >= 12 && in_batch < 16))
            continue;
        Bytes damaged = first_;
        damaged[at] ^= 0x10U;
        put(0, kLogSuffix, damaged);
        EXPECT_GT(read(true).check.violation_count, 0U) << "byte " << at;
    }
}

TEST_F(SegmentsReadable, FindsEachCutThatIsNotBetweenBatches) {
    for (std::size_t length = 1; length < last_.size(); ++length) {
        if (length == batch(3, 1, {"d"}).size())
            continue;
        put(3, kLogSuffix,
            Bytes(last_.begin(), last_.begin() + static_cast<std::ptrdiff_t>(length)));
        EXPECT_EQ(read(true).check.violation_count, 1U) << length;
        EXPECT_EQ(read(false).check.violation_count, 0U) << "a dead node's tail may be torn";
    }
}

// An entry of 12 bytes may lie in two pages, of which power left the first.
TEST_F(SegmentsReadable, TheLastTimeIndexEntryOfADeadNodeMayBeTorn) {
    Bytes entries = time_entry(1002, 2);
    add(entries, time_entry(1'700'000'000'000, 5));
    std::fill(entries.begin() + 16, entries.end(), std::uint8_t{0});
    put(0, kTimeIndexSuffix, entries);
    EXPECT_GT(read(true).check.violation_count, 0U);
    EXPECT_EQ(read(false).check.violation_count, 0U);
    add(entries, time_entry(1002, 2));
    put(0, kTimeIndexSuffix, entries);
    EXPECT_GT(read(false).check.violation_count, 0U) << "not the last one";
}

TEST_F(SegmentsReadable, OffsetsAndEpochsMayNotFall) {
    Bytes log = batch(3, 2, {"d"});
    add(log, batch(3, 2, {"e"}));
    put(3, kLogSuffix, log);
    EXPECT_EQ(finding(), "broker-1/t-0/00000000000000000003.log at 69: offset 3 follows 3");
    log = batch(3, 2, {"d"});
    add(log, batch(4, 1, {"e"}));
    put(3, kLogSuffix, log);
    EXPECT_EQ(finding(), "broker-1/t-0/00000000000000000003.log at 69: leader epoch 1 follows 2");
}

TEST_F(SegmentsReadable, SegmentsMayNotOverlap) {
    put(2, kLogSuffix, batch(3, 0, {"x"}));
    put(3, kLogSuffix, batch(4, 1, {"d"}));
    EXPECT_EQ(read(true).check.violation_count, 2U);
}

TEST_F(SegmentsReadable, IndexEntriesPointAtBatches) {
    put(0, kIndexSuffix, index_entry(2, second_at_ + 1));
    EXPECT_EQ(finding(), "broker-1/t-0/00000000000000000000.index: entry for offset 2 points at " +
                             std::to_string(second_at_ + 1) + ", where no such batch is");
    put(0, kIndexSuffix, index_entry(0, 0));
    EXPECT_NE(finding(), "") << "0 is not the last offset of a batch";
    put(0, kIndexSuffix, index_entry(1, second_at_));
    EXPECT_NE(finding(), "") << "offset 1 ends before that position";
    put(0, kIndexSuffix, index_entry(2, 0));
    EXPECT_EQ(finding(), "") << "one entry for a set of two batches";
    Bytes twice = index_entry(2, second_at_);
    add(twice, index_entry(2, second_at_));
    put(0, kIndexSuffix, twice);
    EXPECT_EQ(finding(), "broker-1/t-0/00000000000000000000.index: 2 follows 2");
}

TEST_F(SegmentsReadable, TimeIndexEntriesNameABatchAndItsTime) {
    put(0, kTimeIndexSuffix, time_entry(1001, 2));
    EXPECT_EQ(finding(),
              "broker-1/t-0/00000000000000000000.timeindex: no batch ends at offset 2 with "
              "timestamp 1001");
    put(0, kTimeIndexSuffix, time_entry(1000, 0));
    EXPECT_NE(finding(), "") << "offset 0 ends no batch";
}

TEST_F(SegmentsReadable, OnlyTheDeadMayLeavePreallocatedIndexes) {
    Bytes padded = index_entry(2, second_at_);
    padded.resize(8 * 5000);
    put(0, kIndexSuffix, padded);
    EXPECT_EQ(read(false).check.violation_count, 0U);
    EXPECT_GT(read(true).check.violation_count, 0U);
    put(0, kIndexSuffix, Bytes(7));
    EXPECT_GT(read(true).check.violation_count, 0U) << "no whole number of entries";
}

TEST_F(SegmentsReadable, CountsValuesThatStandTwice) {
    Bytes log = batch(3, 1, {"d", "a", "a"});
    add(log, batch(6, 1, {"d", "g"}));
    put(3, kLogSuffix, log);
    EXPECT_EQ(read(true).records_duplicated, 3);
}

// Directories that real Kafka 3.9 wrote: two after a clean stop, one after kill -9.
TEST(SegmentsReadableGolden, AcceptsWhatRealBrokersLeft) {
    auto disk = PosixDisk::open_root(std::string(BSIM_TEST_DATA) + "/golden", 16);
    ASSERT_TRUE(disk.ok());
    const SegmentsReport report =
        read_segments(**disk,
                      {{NodeName("broker-1"), "broker1", true},
                       {NodeName("controller-101"), "controller101", true},
                       {NodeName("broker-3"), "crash-broker3", false}},
                      {SimTime(9), EventNumber(8)}, ClusterView());
    EXPECT_GT(report.check.evaluations, 1000U);
    for (const Finding& finding : report.check.violations)
        ADD_FAILURE() << finding.detail;
}

TEST_F(SegmentsReadable, AMissingDirectoryIsAFinding) {
    const SegmentsReport report = read_segments(*disk_, {{NodeName("broker-2"), "broker-2", true}},
                                                {SimTime(9), EventNumber(8)}, view_);
    ASSERT_EQ(report.check.violations.size(), 1U);
    EXPECT_EQ(report.check.violations.front().i, EventNumber(8));
}

}  // namespace
}  // namespace bsim
