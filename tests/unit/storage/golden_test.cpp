// Against directories that real Kafka 3.9.1 brokers wrote: the same appends give the same bytes,
// and recovery gives the indexes that Kafka had.

#include <gmock/gmock.h>

#include "sim/storage/log_files.h"
#include "sim/wire/record_batch.h"
#include "tests/unit/storage/storage_fixture.h"

namespace bsim::test {
namespace {

std::string golden(const std::string& name) {
    return std::string(BSIM_TEST_DATA) + "/golden/" + name;
}

// Every batch of a golden directory, in order.
std::vector<SharedBytes> golden_batches(const std::string& name) {
    std::vector<SharedBytes> batches;
    for (const std::string& file : file_names(golden(name))) {
        if (!is_log_file(file, kLogSuffix))
            continue;
        const SharedBytes all{slurp(golden(name) + "/" + file)};
        wire::BatchReader reader(all.view());
        wire::BatchView batch;
        std::size_t from = 0;
        while (reader.next(batch)) {
            batches.push_back(all.slice(from, batch.bytes.size()));
            from = reader.position();
        }
    }
    return batches;
}

// The batch as its producer sent it: base offset 0, no leader epoch.
SharedBytes as_sent(const SharedBytes& stored) {
    Bytes bytes(stored.view().begin(), stored.view().end());
    wire::stamp(bytes, {0, wire::kNoLeaderEpoch});
    return SharedBytes(std::move(bytes));
}

LogConfig smallseg() {
    LogConfig config;
    config.segment_bytes = 16384;
    config.index_interval_bytes = 512;
    config.index_size_max_bytes = 4096;
    return config;
}

LogConfig smallseg_txn() {
    LogConfig config;
    config.segment_bytes = 8192;
    config.index_interval_bytes = 400;
    config.index_size_max_bytes = 4096;
    return config;
}

LogConfig timeroll() {
    LogConfig config;
    config.segment_ms = 100'000;
    return config;
}

class GoldenTest : public StorageTest {
  protected:
    // Every file that a log owns is there with the same bytes, and none besides.
    void expect_same_files(const std::string& name, const std::string& dir) const {
        std::vector<std::string> wanted;
        for (const std::string& file : file_names(golden(name))) {
            if (file != kPartitionMetadata)
                wanted.push_back(file);
        }
        std::vector<std::string> found = file_names(at(dir));
        std::erase(found, kPartitionMetadata);
        EXPECT_EQ(found, wanted);
        for (const std::string& file : wanted) {
            EXPECT_EQ(slurp(at(dir + "/" + file)), slurp(golden(name) + "/" + file)) << file;
        }
    }

    // Appends what clients and coordinators sent, as the leader that wrote the golden directory.
    void replay_as_leader(PartitionLog& log, const std::string& name) const {
        for (const SharedBytes& stored : golden_batches(name)) {
            const auto header = *wire::parse_batch_header(stored.view());
            const auto origin =
                header.is_control() ? AppendOrigin::Coordinator : AppendOrigin::Client;
            const auto info = must(log.append_as_leader(as_sent(stored),
                                                        LeaderEpoch(header.partition_leader_epoch),
                                                        WallMs(header.max_timestamp), origin));
            ASSERT_EQ(info.first_offset.value(), header.base_offset);
            ASSERT_EQ(info.last_offset.value(), header.last_offset());
            ASSERT_EQ(info.crc, header.crc);
            log.set_high_watermark(log.leo());
        }
    }

    void expect_leader_writes(const std::string& name, const LogConfig& config) {
        PartitionLog log = must(open("copy", config));
        replay_as_leader(log, name);
        must(log.close({true}));
        expect_same_files(name, "copy");
    }
};

TEST_F(GoldenTest, LeaderWritesManySegmentsAsKafkaDid) {
    expect_leader_writes("broker1/g-smallseg-0", smallseg());
}

TEST_F(GoldenTest, LeaderWritesPlainTopicAsKafkaDid) {
    expect_leader_writes("broker1/g-none-0", LogConfig{});
}

TEST_F(GoldenTest, LeaderWritesIdempotentBatchesAndTheirSnapshotAsKafkaDid) {
    expect_leader_writes("broker1/g-idem-0", LogConfig{});
}

TEST_F(GoldenTest, LeaderRollsByMessageTimeAsKafkaDid) {
    expect_leader_writes("broker1/g-timeroll-0", timeroll());
}

TEST_F(GoldenTest, LeaderTakesMaxTimestampFromTheMiddleAsKafkaDid) {
    expect_leader_writes("broker1/g-ooo-ts-0", LogConfig{});
}

TEST_F(GoldenTest, LeaderWritesTransactionsAndTheirIndexAsKafkaDid) {
    expect_leader_writes("broker1/g-txn-0", LogConfig{});
}

TEST_F(GoldenTest, LeaderWritesTransactionsOverManySegmentsAsKafkaDid) {
    expect_leader_writes("broker1/g-smallseg-txn-0", smallseg_txn());
}

TEST_F(GoldenTest, LeaderStampsLogAppendTimeAsKafkaDid) {
    LogConfig config;
    config.message_timestamp_type = wire::TimestampType::LogAppendTime;
    PartitionLog log = must(open("copy", config));
    for (const SharedBytes& stored : golden_batches("broker1/g-logappend-none-0")) {
        const auto header = *wire::parse_batch_header(stored.view());
        // What the producer sent: CreateTime and the largest of its own timestamps; any will do.
        Bytes sent(stored.view().begin(), stored.view().end());
        wire::stamp(sent, {0, -1});
        wire::set_max_timestamp(std::span(sent).first<wire::kBatchOverhead>(),
                                ByteView(sent).subspan(wire::kBatchOverhead),
                                wire::TimestampType::CreateTime, header.base_timestamp + 9);
        const auto info = must(log.append_as_leader(
            SharedBytes(sent), LeaderEpoch(0), WallMs(header.max_timestamp), AppendOrigin::Client));
        EXPECT_EQ(info.log_append_time, WallMs(header.max_timestamp));
        EXPECT_EQ(info.crc, header.crc);
    }
    must(log.close({true}));
    expect_same_files("broker1/g-logappend-none-0", "copy");
}

TEST_F(GoldenTest, EpochsOfAMovingLeaderEndUpInTheCheckpointAsKafkaDid) {
    PartitionLog log = must(open("copy", LogConfig{}));
    std::int32_t epoch = 0;
    must(log.assign_epoch(LeaderEpoch(0), Offset(0)));
    for (const SharedBytes& stored : golden_batches("broker1/g-epochs-0")) {
        const auto header = *wire::parse_batch_header(stored.view());
        // A leader notes its epoch when it is elected; two elections had no write in between.
        while (epoch < header.partition_leader_epoch) {
            must(log.assign_epoch(LeaderEpoch(++epoch), log.leo()));
        }
        must(log.append_as_leader(as_sent(stored), LeaderEpoch(epoch), now_, AppendOrigin::Client));
    }
    must(log.close({true}));
    expect_same_files("broker1/g-epochs-0", "copy");
    EXPECT_EQ(log.end_offset_for(LeaderEpoch(1)), (EpochEnd{LeaderEpoch(1), Offset(12)}));
    EXPECT_EQ(log.end_offset_for(LeaderEpoch(4)), (EpochEnd{LeaderEpoch(2), Offset(17)}));
    EXPECT_EQ(log.end_offset_for(LeaderEpoch(6)), std::nullopt);
}

TEST_F(GoldenTest, FollowerFetchingBatchByBatchHasItsLeadersFiles) {
    PartitionLog log = must(open("copy", smallseg()));
    for (const SharedBytes& stored : golden_batches("broker1/g-smallseg-0")) {
        must(log.append_as_follower(stored, now_));
    }
    must(log.close({true}));
    expect_same_files("broker1/g-smallseg-0", "copy");
}

TEST_F(GoldenTest, FollowerFetchingManyBatchesAtOnceIndexesLess) {
    PartitionLog log = must(open("copy", smallseg()));
    const auto batches = golden_batches("broker1/g-smallseg-0");
    const std::vector<SharedBytes> first_ones(batches.begin(), batches.begin() + 8);
    const AppendInfo info = must(log.append_as_follower(concat(first_ones), now_));
    EXPECT_EQ(info.batches, 8);
    EXPECT_EQ(info.last_offset.value(), wire::parse_batch_header(batches[7].view())->last_offset());
    must(log.close({true}));
    const Offset base(0);
    EXPECT_EQ(file("copy", base, kIndexSuffix).size(), 0U);  // one set, the first of its segment
    EXPECT_EQ(file("copy", base, kTimeIndexSuffix).size(), 12U);
}

// Kafka's own recovery indexes batch by batch, as a leader that appended one at a time did.
TEST_F(GoldenTest, RecoveryFromZeroRebuildsTheIndexesThatKafkaHad) {
    copy_golden("broker1/g-smallseg-0", at("copy"));
    for (const std::string& name : file_names(at("copy"))) {
        if (name.ends_with("index") || name.ends_with(".snapshot")) {
            std::filesystem::remove(at("copy/" + name));
        }
    }
    PartitionLog log = must(open("copy", smallseg()));
    EXPECT_EQ(log.recovery().segments_recovered, 13);
    EXPECT_EQ(log.recovery().truncated_bytes, 0);
    EXPECT_EQ(log.leo(), Offset(1440));
    must(log.close({true}));
    for (const std::string& name : file_names(golden("broker1/g-smallseg-0"))) {
        if (name.ends_with(".snapshot") || name == kPartitionMetadata)
            continue;
        EXPECT_EQ(slurp(at("copy/" + name)), slurp(golden("broker1/g-smallseg-0/" + name))) << name;
    }
}

TEST_F(GoldenTest, RecoveryOfAKilledBrokerGivesWhatACleanOneHad) {
    copy_golden("crash-broker3/g-smallseg-0", at("copy"));
    EXPECT_EQ(file("copy", Offset(1382), kIndexSuffix).size(), 4096U);
    EXPECT_EQ(file("copy", Offset(1382), kTimeIndexSuffix).size(), 4092U);
    LogOpening opening;
    opening.dir = "copy";
    opening.config = smallseg();
    opening.recovery_point = Offset(1382);
    opening.now = now_;
    PartitionLog log = must(PartitionLog::open(*disk_, opening));
    EXPECT_EQ(log.recovery().segments_recovered, 1);
    EXPECT_EQ(log.recovery().bytes_recovered, 7507);
    EXPECT_EQ(log.leo(), Offset(1440));
    EXPECT_EQ(log.recovery_point(), Offset(1382));
    EXPECT_EQ(file("copy", Offset(1382), kIndexSuffix).size(), 4096U);
    must(log.close({true}));
    expect_same_files("broker1/g-smallseg-0", "copy");
}

TEST_F(GoldenTest, KilledLogLeavesTheFilesThatAKilledBrokerLeft) {
    {
        PartitionLog log = must(open("copy", smallseg()));
        for (const SharedBytes& stored : golden_batches("crash-broker3/g-smallseg-0")) {
            must(log.append_as_follower(stored, now_));
        }
    }
    expect_same_files("crash-broker3/g-smallseg-0", "copy");
}

TEST_F(GoldenTest, RecoveryOfAKilledBrokerRebuildsTransactions) {
    copy_golden("crash-broker3/g-smallseg-txn-0", at("copy"));
    for (const std::string& name : file_names(at("copy"))) {
        if (name.ends_with(".txnindex"))
            spill(at("copy/" + name), Bytes(7, 0xff));
    }
    PartitionLog log = must(open("copy", smallseg_txn()));
    EXPECT_EQ(log.leo(), Offset(273));
    EXPECT_EQ(log.producers().first_unstable_offset(), std::nullopt);
    must(log.close({true}));
    for (const std::string& name : file_names(golden("broker1/g-smallseg-txn-0"))) {
        const bool known = name.ends_with(".txnindex") || name.ends_with(".index") ||
                           name.ends_with(".log") || name.ends_with(".timeindex");
        if (!known)
            continue;
        EXPECT_EQ(slurp(at("copy/" + name)), slurp(golden("broker1/g-smallseg-txn-0/" + name)))
            << name;
    }
}

TEST_F(GoldenTest, RecoveryKeepsALogThatStartsAboveZero) {
    copy_golden("crash-broker3/g-deleted-0", at("copy"));
    LogConfig config;
    config.segment_bytes = 16384;
    PartitionLog log = must(open("copy", config));
    EXPECT_GT(log.log_start_offset(), Offset(0));
    EXPECT_EQ(log.leo(), Offset(1100));
    const auto below = log.read({Offset(0), 1000, true, log.leo()});
    ASSERT_FALSE(below.ok());
    EXPECT_EQ(below.error().kind, StorageErrorKind::OffsetOutOfRange);
}

TEST_F(GoldenTest, CleanStartTrustsTheFilesAndReadsEveryBatch) {
    copy_golden("broker1/g-smallseg-0", at("copy"));
    PartitionLog log = must(open_clean("copy", smallseg()));
    EXPECT_EQ(log.recovery().segments_recovered, 0);
    EXPECT_EQ(log.leo(), Offset(1440));
    EXPECT_EQ(log.recovery_point(), Offset(1440));
    Bytes read;
    for (const SharedBytes& stored : golden_batches("broker1/g-smallseg-0")) {
        const auto header = *wire::parse_batch_header(stored.view());
        // From the middle of each batch.
        const Offset from(header.base_offset + header.last_offset_delta / 2);
        const ReadInfo info = must(log.read({from, 1, true, log.leo()}));
        EXPECT_EQ(info.bytes, stored) << from.value();
    }
    must(log.close({true}));
    expect_same_files("broker1/g-smallseg-0", "copy");
}

TEST_F(GoldenTest, MetadataLogOfAControllerIsReplayedByARaftLeader) {
    const std::string name = "controller101/__cluster_metadata-0";
    LogConfig config;
    PartitionLog log = must(open("copy", config));
    for (const SharedBytes& stored : golden_batches(name)) {
        const auto header = *wire::parse_batch_header(stored.view());
        const auto info = must(log.append_as_leader(
            stored, LeaderEpoch(header.partition_leader_epoch), now_, AppendOrigin::RaftLeader));
        ASSERT_EQ(info.first_offset.value(), header.base_offset);
    }
    must(log.close({true}));
    for (const std::string& file : file_names(golden(name))) {
        if (file.ends_with(".checkpoint") || file.ends_with(".txt") || file == kQuorumState ||
            file == kPartitionMetadata) {
            continue;
        }
        EXPECT_EQ(slurp(at("copy/" + file)), slurp(golden(name + "/" + file))) << file;
    }
}

}  // namespace
}  // namespace bsim::test
