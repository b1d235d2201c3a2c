// The image against the log and a snapshot of a real KRaft controller (Kafka 3.9.1): replaying the
// log gives what the controller itself wrote down as its image at that offset, and the snapshot
// that the image makes holds the same records.

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/model/metadata_image.h"
#include "sim/wire/record_batch.h"
#include "sim/wire/record_reader.h"

namespace bsim {
namespace {

struct Logged {
    Offset offset;
    wire::VersionedRecord record;
};

std::vector<Logged> read(const std::string& name) {
    std::ifstream file(
        std::string(BSIM_TEST_DATA) + "/golden/controller101/__cluster_metadata-0/" + name,
        std::ios::binary);
    EXPECT_TRUE(file) << name;
    const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
    std::vector<Logged> records;
    wire::BatchReader batches{ByteView(bytes)};
    for (wire::BatchView batch; batches.next(batch);) {
        if (batch.header.is_control())
            continue;
        const auto done = wire::for_each_record(batch, [&](const wire::RecordView& record) {
            auto decoded = wire::decode_metadata_record(record.value.value());
            ASSERT_TRUE(decoded.ok()) << record.offset;
            records.push_back({Offset(record.offset), std::move(*decoded)});
        });
        EXPECT_TRUE(done.ok());
    }
    return records;
}

MetadataImage replay(const std::vector<Logged>& log, Offset end) {
    MetadataImage image;
    for (const Logged& each : log) {
        if (each.offset < end)
            image.apply(each.record.record, each.offset);
    }
    return image;
}

std::vector<std::vector<std::uint8_t>> encoded(const std::vector<wire::VersionedRecord>& records) {
    std::vector<std::vector<std::uint8_t>> out;
    for (const auto& record : records)
        out.push_back(wire::encode_metadata_record(record));
    std::sort(out.begin(), out.end());
    return out;
}

class RealSnapshot : public testing::TestWithParam<std::pair<std::int64_t, const char*>> {};

TEST_P(RealSnapshot, HoldsTheRecordsOfTheReplayedLog) {
    const auto [end, name] = GetParam();
    const MetadataImage image = replay(read("00000000000000000000.log"), Offset(end));
    EXPECT_EQ(Offset(end - 1), image.last_offset());
    EXPECT_EQ(3U, image.brokers().size());
    EXPECT_GT(image.topics().size(), 5U);
    EXPECT_EQ(21, image.metadata_version());

    std::vector<wire::VersionedRecord> kafkas;
    for (Logged& each : read(name))
        kafkas.push_back(std::move(each.record));
    EXPECT_EQ(encoded(kafkas), encoded(image.to_records()));
}

INSTANTIATE_TEST_SUITE_P(
    Golden,
    RealSnapshot,
    testing::Values(std::pair{std::int64_t{75}, "00000000000000000075-0000000001.checkpoint"},
                    std::pair{std::int64_t{567}, "00000000000000000567-0000000001.checkpoint"}),
    [](const auto& test) { return "At" + std::to_string(test.param.first); });

}  // namespace
}  // namespace bsim
