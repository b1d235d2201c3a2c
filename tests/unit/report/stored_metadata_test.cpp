#include "sim/report/stored_metadata.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "sim/storage/atomic_file.h"
#include "sim/storage/node_files.h"
#include "sim/storage/posix_disk.h"
#include "sim/wire/batch_builder.h"
#include "tests/support/temp_dir.h"

namespace bsim {
namespace {

// Topics t0, t1, ... by records of the metadata log, one a batch, at the offset that they name.
class StoredMetadata : public testing::Test {
  protected:
    StoredMetadata() { disk_ = std::move(*PosixDisk::open_root(root_.path(), 8)); }

    void write(const std::string& path, const std::string& content) {
        EXPECT_TRUE(disk_->make_dirs(parent_path(path)).ok());
        EXPECT_TRUE(write_file_atomically(*disk_, path, content).ok());
    }
    void node(const std::string& directory, std::uint64_t id) {
        write(directory + "/meta.properties",
              format_meta_properties({BrokerId(1), Uuid{id, id}, "cluster-of-tests"}, WallMs(0)));
    }
    static std::string batch(int offset, int topic) {
        wire::TopicRecord record;
        record.name = "t" + std::to_string(topic);
        record.topic_id = Uuid{100, static_cast<std::uint64_t>(topic)};
        wire::BatchOptions options;
        options.base_offset = offset;
        wire::BatchBuilder builder(options);
        const auto value = wire::encode_metadata_record(wire::versioned(record));
        builder.append(0, std::nullopt, ByteView(value), {});
        return std::string(as_text(builder.build()));
    }
    static std::string batches(int from, int to) {
        std::string text;
        for (int i = from; i < to; ++i)
            text += batch(i, i);
        return text;
    }
    void log(const std::string& directory, const std::string& name, const std::string& content) {
        write(directory + "/__cluster_metadata-0/" + name, content);
    }
    // How many topics the image below `end` has; -1 if there is no image.
    int topics(int end) {
        const auto image = read_stored_image(*disk_, read_stored_nodes(*disk_), Offset(end));
        return image ? static_cast<int>(image->topics().size()) : -1;
    }

    test::TempDir root_;
    std::unique_ptr<Disk> disk_;
    const std::string first_ = "00000000000000000000.log";
};

TEST_F(StoredMetadata, DirectoriesAreFoundByTheirProperties) {
    node("broker-1", 7);
    node("broker-2/d1", 9);
    node("broker-2/d0", 8);
    node("notes", 5);
    write("controller-3/nothing", "");
    const StoredNodes nodes = read_stored_nodes(*disk_);
    EXPECT_EQ(nodes.cluster_id, "cluster-of-tests");
    const std::map<NodeName, std::vector<StoredLogDir>> expected = {
        {NodeName("broker-1"), {{"broker-1", Uuid{7, 7}}}},
        {NodeName("broker-2"), {{"broker-2/d0", Uuid{8, 8}}, {"broker-2/d1", Uuid{9, 9}}}}};
    EXPECT_EQ(nodes.dirs, expected);
}

TEST_F(StoredMetadata, TheImageIsThatOfTheRecordsBelowTheEnd) {
    node("broker-1", 7);
    log("broker-1", first_, batches(0, 3));
    log("broker-1", "00000000000000000003.log", batches(3, 5));
    for (int end = 0; end <= 5; ++end)
        EXPECT_EQ(topics(end), end);
    EXPECT_EQ(topics(6), -1);
}

TEST_F(StoredMetadata, ANodeThatLacksSomethingIsPassedOver) {
    node("broker-1", 7);
    node("broker-2", 8);
    log("broker-1", first_, batches(0, 2));
    log("broker-2", first_, batches(0, 4));
    EXPECT_EQ(topics(4), 4);
    EXPECT_EQ(topics(5), -1);
}

TEST_F(StoredMetadata, ADamagedOrBrokenLogHasNoImage) {
    node("broker-1", 7);
    std::string damaged = batches(0, 3);
    damaged.back() = static_cast<char>(damaged.back() ^ 1);
    log("broker-1", first_, damaged);
    EXPECT_EQ(topics(2), 2);
    EXPECT_EQ(topics(3), -1);
    log("broker-1", first_, batch(0, 0) + batch(2, 2));
    EXPECT_EQ(topics(1), 1);
    EXPECT_EQ(topics(3), -1);
}

TEST_F(StoredMetadata, ALogThatWasCutInFrontGoesOnFromItsNewestSnapshot) {
    node("broker-1", 7);
    log("broker-1", "00000000000000000003.log", batches(3, 6));
    EXPECT_EQ(topics(5), -1);
    const auto snapshot = [&](int end, const std::string& content) {
        log("broker-1", "0000000000000000000" + std::to_string(end) + "-0000000001.checkpoint",
            content);
    };
    // Records of a snapshot are numbered anew.
    snapshot(4, batch(0, 1) + batch(1, 3));
    EXPECT_EQ(topics(3), -1);
    EXPECT_EQ(topics(4), 2);
    EXPECT_EQ(topics(6), 4);
    snapshot(5, batch(0, 4));
    EXPECT_EQ(topics(4), 2);
    EXPECT_EQ(topics(6), 2);
}

}  // namespace
}  // namespace bsim
