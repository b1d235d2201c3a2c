// Deletion of a log's oldest segments: below the log start, too many bytes, too old.

#include "sim/storage/log_files.h"
#include "sim/storage/remove_tree.h"
#include "tests/unit/storage/storage_fixture.h"

namespace bsim::test {
namespace {

class RetentionTest : public StorageTest {
  protected:
    // Ten segments of one batch of two records each, all committed; a segment is 100 ms younger
    // than the one before.
    PartitionLog ten_segments() {
        PartitionLog log = must(open("p", LogConfig{}));
        for (int i = 0; i < 10; ++i) {
            append(log, {.records = 2, .timestamp = now_.value() + 100 * i}, 0, now_);
            if (i < 9)
                must(log.roll(now_));
        }
        log.set_high_watermark(Offset(20));
        EXPECT_EQ(log.segment_count(), 10U);
        return log;
    }
    static std::string describe(const std::vector<DeletedSegment>& deleted) {
        std::string text;
        for (const DeletedSegment& segment : deleted) {
            text += std::to_string(segment.base.value()) + " " + std::string(name(segment.reason)) +
                    "; ";
        }
        return text;
    }
    std::string sweep(PartitionLog& log, const LogConfig& config) {
        log.set_config(config);
        return describe(must(log.delete_old_segments(now_)));
    }
};

TEST_F(RetentionTest, WithoutLimitsNothingGoes) {
    PartitionLog log = ten_segments();
    EXPECT_EQ(sweep(log, {}), "");
}

TEST_F(RetentionTest, SegmentsWhollyBelowTheLogStartGo) {
    PartitionLog log = ten_segments();
    must(log.increment_log_start_offset(Offset(5)));
    EXPECT_EQ(sweep(log, {}), "0 log-start; 2 log-start; ");
    EXPECT_EQ(log.log_start_offset(), Offset(5));
    EXPECT_EQ(log.first_segment_base(), Offset(4));
    const auto files = log.take_deleted_files();
    EXPECT_FALSE(files.empty());
    for (const std::string& deleted : files) {
        EXPECT_TRUE(deleted.ends_with(kDeletedSuffix)) << deleted;
        EXPECT_TRUE(must(disk_->exists(deleted))) << deleted;
    }
    // Also of a log that is only compacted.
    must(log.increment_log_start_offset(Offset(8)));
    LogConfig compacted;
    compacted.delete_old = false;
    compacted.retention_bytes = 0;
    EXPECT_EQ(sweep(log, compacted), "4 log-start; 6 log-start; ");
    // The active segment stays, even if nothing in it is left.
    must(log.increment_log_start_offset(Offset(20)));
    EXPECT_EQ(sweep(log, {}),
              "8 log-start; 10 log-start; 12 log-start; 14 log-start; "
              "16 log-start; ");
    EXPECT_EQ(log.first_segment_base(), Offset(18));
    EXPECT_EQ(must(log.read({Offset(20), 1, true, log.leo()})).bytes.size(), 0U);
}

TEST_F(RetentionTest, TooManyBytesTakeTheOldestAndNeverMoreThanTheExcess) {
    PartitionLog log = ten_segments();
    LogConfig config;
    const std::int64_t one = log.size_bytes() / 10;
    config.retention_bytes = 7 * one - 1;
    EXPECT_EQ(sweep(log, config), "0 retention-bytes; 2 retention-bytes; 4 retention-bytes; ");
    EXPECT_EQ(log.log_start_offset(), Offset(6));
    EXPECT_EQ(sweep(log, config), "");
}

TEST_F(RetentionTest, NothingAboveTheHighWatermarkGoes) {
    PartitionLog log = ten_segments();
    log.set_high_watermark(Offset(5));
    LogConfig config;
    config.retention_bytes = 0;
    EXPECT_EQ(sweep(log, config), "0 retention-bytes; 2 retention-bytes; ");
    EXPECT_EQ(log.log_start_offset(), Offset(4));
}

TEST_F(RetentionTest, OldSegmentsGoTheActiveOneToo) {
    PartitionLog log = ten_segments();
    LogConfig config;
    config.retention_ms = 0;
    now_ = WallMs(now_.value() + 250);
    EXPECT_EQ(sweep(log, config), "0 retention-ms; 2 retention-ms; 4 retention-ms; ");
    now_ = WallMs(now_.value() + 1000);
    EXPECT_EQ(sweep(log, config),
              "6 retention-ms; 8 retention-ms; 10 retention-ms; "
              "12 retention-ms; 14 retention-ms; 16 retention-ms; "
              "18 retention-ms; ");
    EXPECT_EQ(log.segment_count(), 1U);
    EXPECT_EQ(log.first_segment_base(), Offset(20));
    EXPECT_EQ(log.log_start_offset(), Offset(20));
    EXPECT_EQ(log.leo(), Offset(20));
    // An empty log is left alone.
    EXPECT_EQ(sweep(log, config), "");
    EXPECT_EQ(append(log, {}, 0, now_).first_offset, Offset(20));
}

TEST_F(RetentionTest, ATreeGoesWithAllThatIsInIt) {
    must(disk_->make_dirs("a/b/c"));
    for (const char* path : {"a/x", "a/b/y", "a/b/c/z"})
        static_cast<void>(must(File::open(*disk_, path, OpenMode::Create)));
    must(remove_contents(*disk_, "a/b"));
    EXPECT_TRUE(must(disk_->list("a/b")).empty());
    EXPECT_TRUE(must(disk_->exists("a/x")));
    must(remove_tree(*disk_, "a"));
    EXPECT_FALSE(must(disk_->exists("a")));
    must(remove_tree(*disk_, "a"));
}

}  // namespace
}  // namespace bsim::test
