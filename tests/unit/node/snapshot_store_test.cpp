// Snapshot files of the metadata log: what is written is found, read and forgotten again.

#include "sim/node/snapshot_store.h"

#include <cstdlib>
#include <gmock/gmock.h>
#include <memory>

#include <gtest/gtest.h>

#include "sim/node/must.h"
#include "sim/node/node_disk.h"
#include "tests/support/temp_dir.h"

namespace bsim::test {
namespace {

using kraft::OffsetAndEpoch;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kDir = "__cluster_metadata-0";

OffsetAndEpoch id_of(std::int64_t offset, std::int32_t epoch) {
    return {LeaderEpoch(epoch), Offset(offset)};
}

// Topics of one partition each, and the brokers that hold them.
std::vector<wire::VersionedRecord> records_of(int topics) {
    std::vector<wire::VersionedRecord> records;
    for (int i = 0; i < topics; ++i) {
        wire::TopicRecord topic;
        topic.name = "t" + std::to_string(i);
        topic.topic_id = Uuid{7, static_cast<std::uint64_t>(i)};
        records.push_back(wire::versioned(topic));
        wire::PartitionRecord partition;
        partition.topic_id = topic.topic_id;
        partition.replicas = {1, 2};
        partition.isr = {1, 2};
        partition.leader = 1;
        records.push_back(wire::versioned(partition));
    }
    return records;
}

class Snapshots : public testing::Test {
  protected:
    Snapshots() {
        node_disk = must(NodeDisk::open({scheduler, Rng(1, 0), "node", root.path(), {}}));
        must(disk().make_dirs(kDir));
    }

    Disk& disk() { return node_disk->disk(); }
    std::vector<std::string> files() { return must(disk().list(kDir)); }

    test::TempDir root;
    Scheduler scheduler;
    std::unique_ptr<NodeDisk> node_disk;
};

TEST_F(Snapshots, OneThatIsWrittenIsFoundByTheNextLife) {
    const auto records = records_of(1500);  // more than one batch
    const auto content = encode_snapshot(id_of(88, 3), WallMs(1000), records, WallMs(2000));
    SnapshotStore(disk(), kDir).write(id_of(88, 3), content);
    EXPECT_THAT(files(), ElementsAre("00000000000000000088-0000000003.checkpoint"));

    const SnapshotStore next(disk(), kDir);
    ASSERT_EQ(next.complete().size(), 1U);
    EXPECT_EQ(next.complete().front(),
              (kraft::SnapshotInfo{id_of(88, 3), static_cast<std::int64_t>(content.size()),
                                   WallMs(1000)}));
    EXPECT_EQ(next.records(id_of(88, 3)), records);
}

TEST_F(Snapshots, OneThatIsReadInPiecesAndFetchedInPiecesIsTheSame) {
    const auto content = encode_snapshot(id_of(9, 1), WallMs(5), records_of(40), WallMs(6));
    SnapshotStore store(disk(), kDir);
    store.write(id_of(9, 1), content);
    const OffsetAndEpoch copy = id_of(9, 2);
    store.start_fetched(copy);
    for (std::int64_t at = 0; at < static_cast<std::int64_t>(content.size()); at += 1000)
        store.append_fetched(copy, store.read(id_of(9, 1), at, 1000).view());
    EXPECT_EQ(store.complete().size(), 1U) << "not complete before it is frozen";
    store.freeze_fetched(copy);
    EXPECT_EQ(store.records(copy), records_of(40));
}

TEST_F(Snapshots, WhatAnEarlierLifeLeftUnfinishedOrDeletedIsRemoved) {
    {
        SnapshotStore store(disk(), kDir);
        store.write(id_of(1, 1), encode_snapshot(id_of(1, 1), {}, {}, {}));
        store.write(id_of(2, 1), encode_snapshot(id_of(2, 1), {}, {}, {}));
        store.start_fetched(id_of(3, 1));
        EXPECT_THAT(store.forget_before(id_of(2, 1)),
                    ElementsAre("__cluster_metadata-0/"
                                "00000000000000000001-0000000001.checkpoint.deleted"));
        EXPECT_EQ(files().size(), 3U);
    }
    const SnapshotStore next(disk(), kDir);
    EXPECT_THAT(files(), ElementsAre("00000000000000000002-0000000001.checkpoint"));
    EXPECT_EQ(next.complete().size(), 1U);
}

TEST_F(Snapshots, AFetchThatIsGivenUpLeavesNothing) {
    SnapshotStore store(disk(), kDir);
    store.start_fetched(id_of(3, 1));
    store.drop_fetched(id_of(3, 1));
    EXPECT_THAT(files(), IsEmpty());
}

}  // namespace
}  // namespace bsim::test
