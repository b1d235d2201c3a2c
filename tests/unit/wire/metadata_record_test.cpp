#include "sim/wire/metadata_record.h"

#include <set>

#include <gtest/gtest.h>

#include "tests/unit/wire/vectors.h"

namespace bsim::wire::testing {
namespace {

TEST(MetadataRecord, EveryVectorIsReadAndWrittenLikeKafka) {
    std::set<std::int16_t> types;
    for (const Json& line : read_lines("wire/metadata-records.jsonl")) {
        if (line["kind"] != "metadata")
            continue;
        SCOPED_TRACE(line["id"].get<std::string>());
        const Buffer bytes = from_hex(line["bytes"].get<std::string>());
        const auto record = decode_metadata_record(bytes);
        ASSERT_TRUE(record.ok()) << describe(record.error());
        types.insert(record_type(record->record));
        EXPECT_EQ(record_type(record->record), line["apiKey"].get<std::int16_t>());
        EXPECT_EQ(record->version, line["version"].get<std::int16_t>());
        EXPECT_EQ(to_hex(encode_metadata_record(*record)), to_hex(bytes));
        EXPECT_EQ(encoded_metadata_record_size(*record), bytes.size());
        const Json expected{
            {"type", line["type"]}, {"version", line["version"]}, {"data", line["json"]}};
        EXPECT_EQ(metadata_record_json(*record), expected);
    }
    EXPECT_EQ(types.size(), std::variant_size_v<MetadataRecord::variant>);
}

TEST(MetadataRecord, EveryByteFlippedAndEveryLengthCutIsSurvived) {
    for (const Json& line : read_lines("wire/metadata-records.jsonl")) {
        if (line["kind"] != "metadata")
            continue;
        SCOPED_TRACE(line["id"].get<std::string>());
        const Buffer good = from_hex(line["bytes"].get<std::string>());
        for (std::size_t cut = 0; cut < good.size(); ++cut) {
            EXPECT_FALSE(decode_metadata_record(ByteView(good).first(cut)).ok()) << cut;
        }
        for (std::size_t at = 0; at < good.size(); ++at) {
            Buffer bad = good;
            bad[at] ^= 0xff;
            const auto record = decode_metadata_record(bad);
            if (!record.ok())
                continue;
            EXPECT_EQ(encode_metadata_record(*record).size(),
                      encoded_metadata_record_size(*record));
        }
    }
}

TEST(MetadataRecord, WhatIsWrongWithTheBytesIsTold) {
    const Buffer no_op = encode_metadata_record(versioned(NoOpRecord{}));
    EXPECT_EQ(to_hex(no_op), "01140000");
    const auto error = [](const char* hex) {
        return decode_metadata_record(from_hex(hex)).error();
    };
    EXPECT_EQ(error(""), WireError::BadFrame);
    EXPECT_EQ(error("00140000"), WireError::BadFrame);
    EXPECT_EQ(error("01808002"), WireError::BadFrame);  // a type above 32767
    EXPECT_EQ(error("01060000"), WireError::UnknownType);
    EXPECT_EQ(error("01140100"), WireError::UnknownVersion);
    EXPECT_EQ(error("011400"), WireError::BadBody);
    EXPECT_EQ(error("0114000000"), WireError::TrailingBytes);
}

TEST(MetadataRecord, VersionsAreThoseOfAController39) {
    BrokerRegistrationChangeRecord unfence;
    unfence.fenced = -1;
    EXPECT_EQ(versioned(unfence).version, 0);
    BrokerRegistrationChangeRecord shutting_down;
    shutting_down.in_controlled_shutdown = 1;
    EXPECT_EQ(versioned(shutting_down).version, 1);
    BrokerRegistrationChangeRecord dirs;
    dirs.log_dirs.push_back(Uuid{1, 2});
    EXPECT_EQ(versioned(dirs).version, 2);
    EXPECT_EQ(versioned(RegisterBrokerRecord{}).version, 3);
    EXPECT_EQ(versioned(PartitionRecord{}).version, 1);
    EXPECT_EQ(versioned(PartitionChangeRecord{}).version, 1);
    EXPECT_EQ(versioned(RegisterControllerRecord{}).version, 0);
    EXPECT_EQ(versioned(TopicRecord{}).version, 0);
}

TEST(MetadataRecord, AFieldThatTheVersionLacksIsABugOfTheWriter) {
    PartitionChangeRecord record;
    record.eligible_leader_replicas = std::vector<std::int32_t>{1};
    EXPECT_THROW(encode_metadata_record(VersionedRecord{1, record}), InternalBug);
    EXPECT_NO_THROW(encode_metadata_record(VersionedRecord{2, record}));
}

}  // namespace
}  // namespace bsim::wire::testing
