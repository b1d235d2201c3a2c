#include "sim/storage/log_files.h"
#include "tests/unit/storage/storage_fixture.h"

namespace bsim::test {
namespace {

class PartitionLogTest : public StorageTest {
  protected:
    static LogConfig small() {
        LogConfig config;
        config.segment_bytes = 1000;
        config.index_interval_bytes = 100;
        config.index_size_max_bytes = 240;
        return config;
    }
    StorageErrorKind refusal(PartitionLog& log, const SharedBytes& batch) {
        const auto result = log.append_as_leader(batch, LeaderEpoch(0), now_, AppendOrigin::Client);
        EXPECT_FALSE(result.ok());
        return result.ok() ? StorageErrorKind::Io : result.error().kind;
    }
    // A batch with one header field changed and the checksum put right.
    template <class Int>
    static SharedBytes with_field(const SharedBytes& batch, std::size_t at, Int value) {
        Bytes bytes(batch.view().begin(), batch.view().end());
        store_be(&bytes[at], value);
        const auto header = *wire::parse_batch_header(bytes);
        wire::seal_batch(header, bytes);
        return SharedBytes(std::move(bytes));
    }
};

TEST_F(PartitionLogTest, NewLogHasKafkasFiles) {
    LogOpening opening;
    opening.dir = "t-0";
    opening.topic_id = Uuid{1, 2};
    opening.now = now_;
    const PartitionLog log = must(PartitionLog::open(*disk_, opening));
    EXPECT_EQ(file_names(at("t-0")),
              (std::vector<std::string>{"00000000000000000000.index", "00000000000000000000.log",
                                        "00000000000000000000.timeindex", "leader-epoch-checkpoint",
                                        "partition.metadata"}));
    EXPECT_EQ(file("t-0", Offset(0), kIndexSuffix).size(), 10U * 1024 * 1024);
    EXPECT_EQ(file("t-0", Offset(0), kTimeIndexSuffix).size(), 10'485'756U);
    EXPECT_EQ(log.leo(), Offset(0));
    opening.topic_id = Uuid{3, 4};
    EXPECT_EQ(PartitionLog::open(*disk_, opening).error().kind, StorageErrorKind::Corrupt);
}

TEST_F(PartitionLogTest, AppendStampsTheHeaderAndLeavesThePayload) {
    PartitionLog log = must(open("p", LogConfig{}));
    append(log, {}, 3, now_);
    const SharedBytes sent = make_batch({.records = 2, .timestamp_step = 7});
    const AppendInfo info =
        must(log.append_as_leader(sent, LeaderEpoch(4), now_, AppendOrigin::Client));
    EXPECT_EQ(info.first_offset, Offset(1));
    EXPECT_EQ(info.last_offset, Offset(2));
    EXPECT_EQ(info.max_timestamp, WallMs(1'700'000'000'007));
    EXPECT_EQ(info.bytes, static_cast<std::int64_t>(sent.size()));
    EXPECT_EQ(info.records, 2);
    EXPECT_EQ(info.log_append_time, std::nullopt);
    const ReadInfo back = must(log.read({Offset(1), 10'000, true, log.leo()}));
    EXPECT_EQ(back.position, info.position);
    Bytes expected(sent.view().begin(), sent.view().end());
    wire::stamp(expected, {1, 4});
    EXPECT_EQ(back.bytes, SharedBytes(expected));
    EXPECT_EQ(log.epochs().entries(),
              (std::vector<EpochEntry>{{LeaderEpoch(3), Offset(0)}, {LeaderEpoch(4), Offset(1)}}));
}

TEST_F(PartitionLogTest, WrongMaxTimestampOfAClientIsPutRight) {
    PartitionLog log = must(open("p", LogConfig{}));
    const SharedBytes wrong = with_field<std::int64_t>(make_batch({}), 35, 5);
    const AppendInfo info =
        must(log.append_as_leader(wrong, LeaderEpoch(0), now_, AppendOrigin::Client));
    EXPECT_EQ(info.max_timestamp, WallMs(BatchSpec{}.timestamp));
    const ReadInfo back = must(log.read({Offset(0), 10'000, true, log.leo()}));
    EXPECT_TRUE(wire::crc_matches(back.bytes.view()));
    EXPECT_EQ(wire::parse_batch_header(back.bytes.view())->crc, info.crc);
}

TEST_F(PartitionLogTest, BatchesThatBreakARuleAreRefused) {
    LogConfig config;
    config.max_message_bytes = 200;
    PartitionLog log = must(open("p", config));
    const SharedBytes good = make_batch({.records = 2});
    Bytes flipped(good.view().begin(), good.view().end());
    flipped.back() ^= 1U;
    EXPECT_EQ(refusal(log, SharedBytes(flipped)), StorageErrorKind::CorruptMessage);
    EXPECT_EQ(refusal(log, make_batch({.value_bytes = 200})), StorageErrorKind::MessageTooLarge);
    EXPECT_EQ(refusal(log, make_batch({.base_offset = 1})), StorageErrorKind::InvalidRecord);
    EXPECT_EQ(refusal(log, concat({good, good})), StorageErrorKind::InvalidRecord);
    EXPECT_EQ(refusal(log, SharedBytes()), StorageErrorKind::InvalidRecord);
    EXPECT_EQ(refusal(log, good.slice(0, 70)), StorageErrorKind::InvalidRecord);
    EXPECT_EQ(refusal(log, with_field<std::int32_t>(good, 57, 3)), StorageErrorKind::InvalidRecord);
    EXPECT_EQ(refusal(log, with_field<std::int32_t>(good, 23, 2)), StorageErrorKind::InvalidRecord);
    EXPECT_EQ(refusal(log, with_field<std::int32_t>(good, 23, -2)),
              StorageErrorKind::InvalidRecord);
    EXPECT_EQ(refusal(log, with_field<std::int16_t>(good, 21, 0x20)),
              StorageErrorKind::InvalidRecord);
    EXPECT_EQ(refusal(log, make_batch({.producer = 1, .epoch = 0, .sequence = -1})),
              StorageErrorKind::InvalidRecord);
    Bytes old_magic(good.view().begin(), good.view().end());
    old_magic[16] = 1;
    EXPECT_EQ(refusal(log, SharedBytes(old_magic)), StorageErrorKind::CorruptMessage);
    EXPECT_EQ(log.leo(), Offset(0));
    EXPECT_EQ(file("p", Offset(0), kLogSuffix).size(), 0U);
    append(log, {}, 0, now_);
}

TEST_F(PartitionLogTest, TimestampsTooFarFromTheClockAreRefused) {
    LogConfig config;
    config.timestamp_before_max_ms = 100;
    config.timestamp_after_max_ms = 50;
    PartitionLog log = must(open("p", config));
    const auto at = [&](std::int64_t offset) {
        return make_batch({.timestamp = now_.value() + offset});
    };
    EXPECT_EQ(refusal(log, at(-101)), StorageErrorKind::InvalidTimestamp);
    EXPECT_EQ(refusal(log, at(51)), StorageErrorKind::InvalidTimestamp);
    append(log, {.timestamp = now_.value() - 100}, 0, now_);
    append(log, {.timestamp = now_.value() + 50}, 0, now_);
}

TEST_F(PartitionLogTest, ClientMayNotClaimLogAppendTimeWhereTheBrokerSetsIt) {
    const SharedBytes claimed = with_field<std::int16_t>(make_batch({}), 21, 0x08);
    LogConfig config;
    config.message_timestamp_type = wire::TimestampType::LogAppendTime;
    PartitionLog log = must(open("p", config));
    EXPECT_EQ(refusal(log, claimed), StorageErrorKind::InvalidTimestamp);
    // Elsewhere the claim is dropped.
    PartitionLog other = must(open("q", LogConfig{}));
    must(other.append_as_leader(claimed, LeaderEpoch(0), now_, AppendOrigin::Client));
    const ReadInfo back = must(other.read({Offset(0), 1, true, Offset(1)}));
    const auto batch = wire::parse_valid_batch(back.bytes.view());
    ASSERT_TRUE(batch.ok());
    EXPECT_EQ(batch->header.timestamp_type(), wire::TimestampType::CreateTime);
}

TEST_F(PartitionLogTest, CompactedTopicWantsKeys) {
    LogConfig config;
    config.compact = true;
    PartitionLog log = must(open("p", config));
    wire::BatchBuilder builder({});
    builder.append(now_.value(), std::nullopt, std::nullopt, {});
    EXPECT_EQ(refusal(log, SharedBytes(builder.build())), StorageErrorKind::InvalidRecord);
    append(log, {}, 0, now_);
}

TEST_F(PartitionLogTest, SetAboveOneSegmentIsTooLarge) {
    PartitionLog log = must(open("p", small()));
    EXPECT_EQ(refusal(log, make_batch({.value_bytes = 1000})),
              StorageErrorKind::RecordListTooLarge);
}

TEST_F(PartitionLogTest, RollsBySizeWithASnapshotAndAFinalTimeEntry) {
    PartitionLog log = must(open("p", small()));
    std::optional<Offset> rolled;
    while (!rolled)
        rolled = append(log, {.value_bytes = 100}, 0, now_).rolled;
    EXPECT_EQ(log.segment_count(), 2U);
    EXPECT_EQ(log.active_segment_base(), *rolled);
    EXPECT_LE(file("p", Offset(0), kLogSuffix).size(), 1000U);
    EXPECT_EQ(file("p", Offset(0), kTimeIndexSuffix).size(), 12U);
    EXPECT_EQ(file("p", *rolled, kIndexSuffix).size(), 240U);
    EXPECT_TRUE(must(disk_->exists("p/" + log_file_name(*rolled, kProducerSnapshotSuffix))));
    EXPECT_EQ(log.recovery_point(), Offset(0));
    must(log.flush_up_to(*rolled));
    EXPECT_EQ(log.recovery_point(), *rolled);
    EXPECT_TRUE(disk_->dirty("p/" + log_file_name(Offset(0), kLogSuffix)).empty());
    EXPECT_TRUE(disk_->dirty("p/" + log_file_name(*rolled, kProducerSnapshotSuffix)).empty());
    EXPECT_FALSE(disk_->dirty("p/" + log_file_name(*rolled, kLogSuffix)).empty());
    must(log.flush_all());
    EXPECT_EQ(log.recovery_point(), log.leo());
    EXPECT_EQ(disk_->dirty_bytes(), 0U);
}

TEST_F(PartitionLogTest, RollsWhenTheIndexIsFull) {
    LogConfig config = small();
    config.segment_bytes = 1 << 20;
    config.index_interval_bytes = 0;
    config.index_size_max_bytes = 48;  // 6 offset entries, 4 time entries, one of them kept free
    PartitionLog log = must(open("p", config));
    int appended = 0;
    for (std::optional<Offset> rolled; !rolled; ++appended) {
        rolled = append(log, {.timestamp = now_.value() + appended}, 0, now_).rolled;
    }
    // The first set is not indexed; three are; the fifth finds the time index full.
    EXPECT_EQ(appended, 5);
    EXPECT_EQ(file("p", Offset(0), kTimeIndexSuffix).size(), 36U);
}

TEST_F(PartitionLogTest, SegmentWithoutTimestampsRollsByTheClock) {
    LogConfig config;
    config.segment_ms = 1000;
    PartitionLog log = must(open("p", config));
    append(log, {.timestamp = -1}, 0, now_);
    EXPECT_FALSE(append(log, {.timestamp = -1}, 0, WallMs(now_.value() + 1000)).rolled);
    EXPECT_TRUE(append(log, {.timestamp = -1}, 0, WallMs(now_.value() + 1001)).rolled);
}

TEST_F(PartitionLogTest, SegmentWithTimestampsRollsByThemNotByTheClock) {
    LogConfig config;
    config.segment_ms = 1000;
    PartitionLog log = must(open("p", config));
    const WallMs much_later(now_.value() + 1'000'000);
    append(log, {.timestamp = 500}, 0, now_);
    EXPECT_FALSE(append(log, {.timestamp = 1500}, 0, much_later).rolled);
    EXPECT_FALSE(append(log, {.timestamp = 100}, 0, much_later).rolled);
    EXPECT_TRUE(append(log, {.timestamp = 1501}, 0, now_).rolled);
}

TEST_F(PartitionLogTest, ReadsStopAtTheUpperBoundAndTheByteLimit) {
    PartitionLog log = must(open("p", small()));
    std::vector<AppendInfo> sets;
    for (int i = 0; i < 30; ++i)
        sets.push_back(append(log, {.records = 2}, 0, now_));
    const std::int64_t size = sets[0].bytes;
    const auto read = [&](std::int64_t from, std::int32_t max, bool one, std::int64_t bound) {
        return must(log.read({Offset(from), max, one, Offset(bound)}));
    };
    EXPECT_EQ(read(0, 1, true, 60).bytes.size(), static_cast<std::size_t>(size));
    EXPECT_EQ(read(0, 1, false, 60).bytes.size(), 1U);
    EXPECT_TRUE(read(0, 1, false, 60).first_batch_incomplete);
    EXPECT_EQ(read(0, 0, false, 60).bytes.size(), 0U);
    EXPECT_EQ(read(0, 1 << 20, true, 4).bytes.size(), static_cast<std::size_t>(2 * size));
    EXPECT_EQ(read(1, 1 << 20, true, 4).bytes.size(), static_cast<std::size_t>(2 * size));
    EXPECT_EQ(read(4, 1 << 20, true, 4).bytes.size(), 0U);
    EXPECT_EQ(read(6, 1 << 20, true, 4).bytes.size(), 0U);
    EXPECT_EQ(read(60, 1 << 20, true, 60).bytes.size(), 0U);
    // A read ends with its segment.
    const Offset second = log.active_segment_base();
    ASSERT_GT(second, Offset(0));
    EXPECT_EQ(read(second.value() - 2, 1 << 20, true, 60).bytes.size(),
              static_cast<std::size_t>(size));
    EXPECT_EQ(read(second.value(), 1 << 20, true, 60).segment_base, second);
    for (const std::int64_t outside : {-1, 61}) {
        const auto result = log.read({Offset(outside), 1, true, Offset(60)});
        EXPECT_EQ(result.error().kind, StorageErrorKind::OffsetOutOfRange);
    }
}

TEST_F(PartitionLogTest, TailReadsFindTheirPositionWithoutReadingHeaders) {
    PartitionLog log = must(open("p", LogConfig{}));
    for (int i = 0; i < 10; ++i)
        append(log, {}, 0, now_);
    disk_->take_cost();
    must(log.read({Offset(9), 1 << 20, true, log.leo()}));
    EXPECT_EQ(disk_->take_cost().reads, 1);
}

TEST_F(PartitionLogTest, ReadingOnFromABatchCostsAndGivesWhatFindingItAnewDoes) {
    std::vector<Offset> starts;
    {
        PartitionLog log = must(open("p", LogConfig{}));
        for (std::size_t i = 0; i < 40; ++i) {
            // With an index entry each, with several between two entries, and of one record alone.
            const BatchSpec spec{.records = i % 7 == 0 ? 1 : 3, .value_bytes = 500 + i % 5 * 900};
            starts.push_back(append(log, spec, 0, now_).first_offset);
        }
    }
    for (const std::int32_t max_bytes : {100, 6000, 9000, 20'000}) {
        const PartitionLog one = must(open_clean("p", LogConfig{}));
        const PartitionLog other = must(open_clean("p", LogConfig{}));
        for (const Offset from : starts) {
            disk_->take_cost();
            const ReadInfo read_on = must(one.read({from, max_bytes, true, one.leo()}));
            const IoCost cost = disk_->take_cost();
            must(other.read({starts.back(), 1, true, other.leo()}));
            disk_->take_cost();
            const ReadInfo found = must(other.read({from, max_bytes, true, other.leo()}));
            EXPECT_EQ(disk_->take_cost(), cost);
            EXPECT_EQ(read_on.bytes, found.bytes);
            EXPECT_EQ(read_on.position, found.position);
            EXPECT_EQ(read_on.first_batch_incomplete, found.first_batch_incomplete);
        }
    }
}

TEST_F(PartitionLogTest, FollowerTakesOffsetsAndEpochsAsGiven) {
    PartitionLog log = must(open("p", LogConfig{}));
    const SharedBytes first = make_batch({.records = 2, .leader_epoch = 1});
    const SharedBytes second = make_batch({.base_offset = 5, .leader_epoch = 3});
    const SharedBytes torn = make_batch({.base_offset = 6, .leader_epoch = 3}).slice(0, 80);
    const AppendInfo info = must(log.append_as_follower(concat({first, second, torn}), now_));
    EXPECT_EQ(info.first_offset, Offset(0));
    EXPECT_EQ(info.last_offset, Offset(5));
    EXPECT_EQ(info.batches, 2);
    EXPECT_EQ(info.last_leader_epoch, LeaderEpoch(3));
    EXPECT_EQ(log.leo(), Offset(6));
    EXPECT_EQ(log.epochs().entries(),
              (std::vector<EpochEntry>{{LeaderEpoch(1), Offset(0)}, {LeaderEpoch(3), Offset(5)}}));
    EXPECT_EQ(must(log.append_as_follower(torn, now_)).bytes, 0);
    EXPECT_EQ(log.append_as_follower(second, now_).error().kind,
              StorageErrorKind::UnexpectedAppendOffset);
    const SharedBytes seven = make_batch({.base_offset = 7, .leader_epoch = 3});
    EXPECT_EQ(log.append_as_follower(concat({seven, seven}), now_).error().kind,
              StorageErrorKind::OffsetsOutOfOrder);
    EXPECT_EQ(log.append_as_follower(make_batch({.base_offset = 7}), now_).error().kind,
              StorageErrorKind::InvalidRecord);
    EXPECT_EQ(log.leo(), Offset(6));
}

TEST_F(PartitionLogTest, RaftLeaderBringsItsOwnOffsetsAndEpoch) {
    PartitionLog log = must(open("p", LogConfig{}));
    const auto raft = [&](const BatchSpec& spec) {
        return log.append_as_leader(make_batch(spec), LeaderEpoch(2), now_,
                                    AppendOrigin::RaftLeader);
    };
    EXPECT_EQ(must(raft({.records = 3, .leader_epoch = 2})).last_offset, Offset(2));
    EXPECT_EQ(raft({.base_offset = 3, .leader_epoch = 1}).error().kind,
              StorageErrorKind::InvalidRecord);
    EXPECT_EQ(raft({.base_offset = 2, .leader_epoch = 2}).error().kind,
              StorageErrorKind::UnexpectedAppendOffset);
    EXPECT_EQ(must(raft({.base_offset = 3, .leader_epoch = 2})).first_offset, Offset(3));
}

TEST_F(PartitionLogTest, TruncationCutsWholeBatchesEpochsAndTheHighWatermark) {
    PartitionLog log = must(open("p", small()));
    for (int i = 0; i < 40; ++i)
        append(log, {.records = 2}, i / 10, now_);
    log.set_high_watermark(Offset(70));
    EXPECT_GT(log.segment_count(), 3U);
    const TruncateInfo info = must(log.truncate_to(Offset(30), now_));
    EXPECT_TRUE(info.truncated);
    EXPECT_EQ(info.from, Offset(80));
    EXPECT_EQ(info.to, Offset(30));
    EXPECT_EQ(log.high_watermark(), Offset(30));
    EXPECT_EQ(log.latest_epoch(), LeaderEpoch(1));
    EXPECT_EQ(log.end_offset_for(LeaderEpoch(1)), (EpochEnd{LeaderEpoch(1), Offset(30)}));
    for (const std::string& deleted : log.take_deleted_files()) {
        EXPECT_TRUE(deleted.ends_with(kDeletedSuffix));
        EXPECT_TRUE(must(disk_->exists(deleted))) << deleted;
    }
    const AppendInfo next = append(log, {.records = 1}, 9, now_);
    EXPECT_EQ(next.first_offset, Offset(30));
    EXPECT_EQ(must(log.read({Offset(29), 1, true, log.leo()})).bytes.size(),
              must(log.read({Offset(0), 1, true, log.leo()})).bytes.size());
    // An epoch that was begun but not written goes even if no record does.
    must(log.assign_epoch(LeaderEpoch(11), log.leo()));
    EXPECT_FALSE(must(log.truncate_to(log.leo(), now_)).truncated);
    EXPECT_EQ(log.latest_epoch(), LeaderEpoch(9));
}

TEST_F(PartitionLogTest, TruncationInsideABatchTakesTheWholeBatch) {
    PartitionLog log = must(open("p", LogConfig{}));
    const AppendInfo first = append(log, {.records = 5}, 0, now_);
    append(log, {.records = 5}, 0, now_);
    const TruncateInfo info = must(log.truncate_to(Offset(7), now_));
    EXPECT_EQ(info.bytes_removed, first.bytes);
    EXPECT_EQ(file("p", Offset(0), kLogSuffix).size(), static_cast<std::size_t>(first.bytes));
    EXPECT_EQ(log.leo(), Offset(7)) << "as in Kafka, the end is where the caller said";
}

TEST_F(PartitionLogTest, FullTruncationStartsOverAtTheOffset) {
    PartitionLog log = must(open("p", small()));
    for (int i = 0; i < 40; ++i)
        append(log, {}, 2, now_);
    const TruncateInfo info = must(log.truncate_fully_and_start_at(Offset(500), now_));
    EXPECT_EQ(info.to, Offset(500));
    EXPECT_EQ(log.segment_count(), 1U);
    EXPECT_EQ(log.log_start_offset(), Offset(500));
    EXPECT_EQ(log.high_watermark(), Offset(500));
    EXPECT_EQ(log.latest_epoch(), std::nullopt);
    EXPECT_EQ(append(log, {}, 3, now_).first_offset, Offset(500));
    // Truncating below the first segment does the same.
    must(log.truncate_to(Offset(100), now_));
    EXPECT_EQ(log.leo(), Offset(100));
    EXPECT_EQ(log.log_start_offset(), Offset(100));
}

TEST_F(PartitionLogTest, LogStartRisesUpToTheHighWatermark) {
    PartitionLog log = must(open("p", LogConfig{}));
    for (int i = 0; i < 10; ++i)
        append(log, {}, i / 4, now_);
    EXPECT_FALSE(log.increment_log_start_offset(Offset(5)).ok());
    log.set_high_watermark(Offset(8));
    EXPECT_TRUE(must(log.increment_log_start_offset(Offset(5))));
    EXPECT_FALSE(must(log.increment_log_start_offset(Offset(4))));
    EXPECT_EQ(log.read({Offset(4), 1, true, log.leo()}).error().kind,
              StorageErrorKind::OffsetOutOfRange);
    EXPECT_EQ(log.epochs().earliest_entry(), (EpochEntry{LeaderEpoch(1), Offset(5)}));
    EXPECT_EQ(log.set_high_watermark(Offset(2)), Offset(5));
    EXPECT_EQ(log.set_high_watermark(Offset(99)), Offset(10));
}

TEST_F(PartitionLogTest, KillKeepsWhatWasWrittenAndPaddedIndexes) {
    {
        PartitionLog log = must(open("p", small()));
        for (int i = 0; i < 25; ++i)
            append(log, {}, 0, now_);
    }
    PartitionLog log = must(open("p", small()));
    EXPECT_EQ(log.leo(), Offset(25));
    EXPECT_EQ(log.recovery().truncated_bytes, 0);
    EXPECT_GT(log.recovery().segments_recovered, 1);
    EXPECT_EQ(log.high_watermark(), Offset(0));
    EXPECT_EQ(append(log, {}, 0, now_).first_offset, Offset(25));
}

TEST_F(PartitionLogTest, FreshAppendCostsOneWriteAndNoSync) {
    PartitionLog log = must(open("p", LogConfig{}));
    append(log, {}, 0, now_);
    disk_->take_cost();
    const AppendInfo info = append(log, {}, 0, now_);
    IoCost expected;
    expected.writes = 1;
    expected.bytes_written = info.bytes;
    EXPECT_EQ(disk_->take_cost(), expected);
}

}  // namespace
}  // namespace bsim::test
