#include "sim/storage/node_files.h"

#include "sim/storage/atomic_file.h"
#include "sim/storage/checkpoint_file.h"
#include "sim/storage/log_files.h"
#include "sim/storage/quorum_state_file.h"
#include "tests/unit/storage/storage_fixture.h"

namespace bsim::test {
namespace {

std::string golden_text(const std::string& name) {
    const Bytes bytes = slurp(std::string(BSIM_TEST_DATA) + "/golden/" + name);
    return std::string(bytes.begin(), bytes.end());
}

TEST_F(StorageTest, OffsetCheckpointsOfKafkaReadAndWriteBackTheSame) {
    for (const char* name : {"recovery-point-offset-checkpoint", "replication-offset-checkpoint",
                             "log-start-offset-checkpoint"}) {
        const std::string text = golden_text(std::string("broker1/") + name);
        must(write_file_atomically(*disk_, "c", text));
        const auto entries = must(read_offset_checkpoint(*disk_, "c"));
        EXPECT_EQ(format_offset_checkpoint(entries), text) << name;
    }
    const auto entries = must(read_offset_checkpoint(*disk_, "c"));
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0], (OffsetCheckpointEntry{{"g-delrec", PartitionIndex(0)}, Offset(17)}));
    must(write_offset_checkpoint(*disk_, "d", entries));
    EXPECT_EQ(must(read_file(*disk_, "d")), "0\n1\ng-delrec 0 17\n");
}

TEST_F(StorageTest, EpochCheckpointOfKafkaReadsAndWritesBackTheSame) {
    const std::string text = golden_text("broker1/g-epochs-0/leader-epoch-checkpoint");
    must(write_file_atomically(*disk_, "c", text));
    const auto entries = must(read_epoch_checkpoint(*disk_, "c"));
    ASSERT_EQ(entries.size(), 4U);
    EXPECT_EQ(entries[3], (EpochEntry{LeaderEpoch(5), Offset(17)}));
    EXPECT_EQ(format_epoch_checkpoint(entries), text);
}

TEST_F(StorageTest, CheckpointTextsAreReadAsKafkaReadsThem) {
    const auto read = [&](const std::string& text) {
        must(write_file_atomically(*disk_, "c", text));
        return read_epoch_checkpoint(*disk_, "c");
    };
    EXPECT_EQ(must(read("")).size(), 0U);
    EXPECT_EQ(must(read("0\n")).size(), 0U);
    EXPECT_EQ(must(read("0\n0\n")).size(), 0U);
    EXPECT_EQ(must(read("0\n1\n3 4")).size(), 1U);
    EXPECT_EQ(must(read("0\r\n1\r\n3  \t4\r\n")).size(), 1U);
    for (const char* bad : {"1\n0\n", "x\n", "0\nx\n", "0\n2\n1 1\n", "0\n1\n1 1\n2 2\n",
                            "0\n1\n1\n", "0\n1\n1 2 3\n", "0\n1\n1 x\n", "0\n1\n\n", "0\n1\n 1 2\n",
                            "0\n1\n99999999999 1\n", "\n", "0\n-1\n1 1\n"}) {
        const auto result = read(bad);
        ASSERT_FALSE(result.ok()) << bad;
        EXPECT_EQ(result.error().kind, StorageErrorKind::Corrupt) << bad;
    }
    EXPECT_EQ(read_epoch_checkpoint(*disk_, "absent").error().kind, StorageErrorKind::NotFound);
}

TEST_F(StorageTest, MetaPropertiesMatchKafkasByteForByte) {
    // 2026-11-20 20:50:26 UTC, the moment in the golden files.
    const WallMs then(1'795'207'826'123);
    for (const char* dir : {"broker1", "controller101"}) {
        must(disk_->make_dirs("n"));
        const std::string text = golden_text(std::string(dir) + "/meta.properties");
        must(write_file_atomically(*disk_, "n/meta.properties", text));
        const MetaProperties properties = must(read_meta_properties(*disk_, "n"));
        EXPECT_EQ(format_meta_properties(properties, then), text);
    }
    EXPECT_EQ(must(read_meta_properties(*disk_, "n")).node_id, BrokerId(101));
}

TEST_F(StorageTest, MetaPropertiesDateHoldsOverLeapDaysAndBeforeTheEpoch) {
    const auto date = [](std::int64_t ms) {
        const std::string text = format_meta_properties({}, WallMs(ms));
        return text.substr(2, text.find('\n', 2) - 2);
    };
    EXPECT_EQ(date(0), "#Thu Jan 01 00:00:00 UTC 1970");
    EXPECT_EQ(date(1'709'210'096'999), "#Thu Feb 29 12:34:56 UTC 2024");
    EXPECT_EQ(date(951'868'800'000), "#Wed Mar 01 00:00:00 UTC 2000");
    EXPECT_EQ(date(-1), "#Wed Dec 31 23:59:59 UTC 1969");
}

TEST_F(StorageTest, MetaPropertiesWithAHoleAreCorrupt) {
    const std::string good =
        "node.id=1\ndirectory.id=JwGmMAtLOehDYqVz1peGzw\nversion=1\n"
        "cluster.id=a\\:b\n";
    must(write_file_atomically(*disk_, "meta.properties", good));
    EXPECT_EQ(must(read_meta_properties(*disk_, "")).cluster_id, "a:b");
    for (const std::string key : {"node.id", "directory.id", "version", "cluster.id"}) {
        std::string text = good;
        text.replace(text.find(key), 1, "#");
        must(write_file_atomically(*disk_, "meta.properties", text));
        EXPECT_EQ(read_meta_properties(*disk_, "").error().kind, StorageErrorKind::Corrupt) << key;
    }
}

TEST_F(StorageTest, CleanShutdownMarkerMatchesKafkas) {
    must(disk_->make_dirs("n"));
    EXPECT_EQ(must(read_clean_shutdown(*disk_, "n")), std::nullopt);
    must(write_clean_shutdown(*disk_, "n", BrokerEpoch(7)));
    EXPECT_EQ(must(read_file(*disk_, "n/.kafka_cleanshutdown")),
              golden_text("broker1/.kafka_cleanshutdown"));
    EXPECT_EQ(must(read_clean_shutdown(*disk_, "n")), BrokerEpoch(7));
    for (const char* odd : {"", "{", "{}", "[1]", "{\"brokerEpoch\":\"x\"}"}) {
        must(write_file_synced(*disk_, "n/.kafka_cleanshutdown", odd));
        EXPECT_EQ(must(read_clean_shutdown(*disk_, "n")), BrokerEpoch(-1)) << odd;
    }
    must(remove_clean_shutdown(*disk_, "n"));
    must(remove_clean_shutdown(*disk_, "n"));
    EXPECT_EQ(must(read_clean_shutdown(*disk_, "n")), std::nullopt);
}

TEST_F(StorageTest, PartitionMetadataMatchesKafkas) {
    const std::string text = golden_text("broker1/g-none-0/partition.metadata");
    must(write_file_atomically(*disk_, "partition.metadata", text));
    const Uuid id = must(read_partition_metadata(*disk_, ""));
    must(disk_->make_dirs("p"));
    must(write_partition_metadata(*disk_, "p", id));
    EXPECT_EQ(must(read_file(*disk_, "p/partition.metadata")), text);
    for (const char* bad : {"", "version: 1\ntopic_id: AAAAAAAAAAAAAAAAAAAAAQ",
                            "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAA",
                            "version: 0\ntopic_id: xx", "version: 0\n"}) {
        must(write_file_atomically(*disk_, "partition.metadata", bad));
        EXPECT_EQ(read_partition_metadata(*disk_, "").error().kind, StorageErrorKind::Corrupt);
    }
}

TEST_F(StorageTest, QuorumStateMatchesKafkas) {
    const std::string text = golden_text("controller101/__cluster_metadata-0/quorum-state");
    must(write_file_atomically(*disk_, "q", text));
    const auto state = must(read_quorum_state(*disk_, "q"));
    ASSERT_TRUE(state);
    EXPECT_EQ(state->leader, BrokerId(102));
    EXPECT_EQ(state->voted, std::nullopt);
    EXPECT_EQ(format_quorum_state(*state), text);
    const QuorumState voted{
        {}, LeaderEpoch(17), BrokerId(102), {BrokerId(101), BrokerId(102), BrokerId(103)}};
    must(write_quorum_state(*disk_, "q", voted));
    EXPECT_EQ(must(read_file(*disk_, "q")),
              "{\"clusterId\":\"\",\"leaderId\":-1,\"leaderEpoch\":17,\"votedId\":102,"
              "\"appliedOffset\":0,\"currentVoters\":[{\"voterId\":101},{\"voterId\":102},"
              "{\"voterId\":103}],\"data_version\":0}");
    EXPECT_EQ(must(read_quorum_state(*disk_, "q")), voted);
    EXPECT_EQ(must(read_quorum_state(*disk_, "absent")), std::nullopt);
    for (std::size_t cut = 0; cut + 1 < text.size(); ++cut) {
        must(write_file_atomically(*disk_, "q", text.substr(0, cut)));
        EXPECT_EQ(read_quorum_state(*disk_, "q").error().kind, StorageErrorKind::Corrupt) << cut;
    }
}

TEST(LogFiles, NamesAndWhatIsNotOne) {
    EXPECT_EQ(log_file_name(Offset(42), kLogSuffix), "00000000000000000042.log");
    EXPECT_TRUE(is_log_file("00000000000000000042.log", kLogSuffix));
    EXPECT_FALSE(is_log_file("00000000000000000042.log.deleted", kLogSuffix));
    EXPECT_FALSE(is_log_file("x.log", kLogSuffix));
    EXPECT_FALSE(is_log_file(".log", kLogSuffix));
    EXPECT_FALSE(is_log_file("99999999999999999999.log", kLogSuffix));
    EXPECT_FALSE(is_log_file("00000000000000000042.timeindex", kIndexSuffix));
    EXPECT_EQ(offset_of_file("00000000000000000075-0000000001.checkpoint"), std::nullopt);
    EXPECT_EQ(parse_partition_dir("a-b-12"), (TopicPartition{"a-b", PartitionIndex(12)}));
    for (const char* odd : {"a", "-1", "a-", "a-x", "a-0.6f-delete", "a-99999999999"}) {
        EXPECT_EQ(parse_partition_dir(odd), std::nullopt) << odd;
    }
}

}  // namespace
}  // namespace bsim::test
