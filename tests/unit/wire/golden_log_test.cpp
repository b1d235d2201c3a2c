// Log files that a real Kafka 3.9.1 cluster wrote.

#include <sstream>

#include <gtest/gtest.h>

#include "sim/wire/batch_builder.h"
#include "sim/wire/control_record.h"
#include "sim/wire/message_json.h"
#include "sim/wire/messages/leader_change_message.h"
#include "sim/wire/metadata_record.h"
#include "sim/wire/record_reader.h"
#include "tests/unit/wire/vectors.h"

namespace bsim::wire::testing {
namespace {

const char* const kBrokerLogs[] = {
    "g-none-0/00000000000000000000.log",
    "g-headers-0/00000000000000000000.log",
    "g-nullkey-0/00000000000000000000.log",
    "g-txn-0/00000000000000000000.log",
    "g-txn-0/00000000000000000008.log",
    "g-txn-open-0/00000000000000000000.log",
    "g-logappend-none-0/00000000000000000000.log",
};
const char* const kMetadataLogs[] = {"00000000000000000000.log",
                                     "00000000000000000075-0000000001.checkpoint"};

std::string metadata_path(const std::string& name) {
    return "golden/controller101/__cluster_metadata-0/" + name;
}

std::vector<std::string> all_logs() {
    std::vector<std::string> paths;
    for (const char* name : kBrokerLogs)
        paths.push_back(std::string("golden/broker1/") + name);
    for (const char* name : kMetadataLogs)
        paths.push_back(metadata_path(name));
    return paths;
}

// The batch made anew from its header's facts and its records.
Buffer rebuilt(const BatchView& batch) {
    const BatchHeader& header = batch.header;
    BatchOptions options;
    options.base_offset = header.base_offset;
    options.leader_epoch = header.partition_leader_epoch;
    options.producer_id = header.producer_id;
    options.producer_epoch = header.producer_epoch;
    options.base_sequence = header.base_sequence;
    options.transactional = header.is_transactional();
    options.control = header.is_control();
    // With LogAppendTime the records' own timestamps cannot be read; seal_batch sets the type.
    BatchBuilder builder(options);
    const auto read = for_each_record(batch, [&](const RecordView& record) {
        builder.append_at(record.offset,
                          {record.timestamp_ms, record.key, record.value, record.headers});
    });
    EXPECT_TRUE(read.ok());
    return builder.build();
}

TEST(GoldenLogs, EveryBatchIsValidAndIsRebuiltToTheSameBytes) {
    for (const std::string& path : all_logs()) {
        SCOPED_TRACE(path);
        const Buffer log = read_file(path);
        BatchReader reader(log);
        BatchView batch;
        std::size_t count = 0;
        while (reader.next(batch)) {
            ++count;
            ASSERT_TRUE(crc_matches(batch.bytes)) << batch.header.base_offset;
            if (batch.header.timestamp_type() == TimestampType::LogAppendTime)
                continue;
            ASSERT_EQ(to_hex(rebuilt(batch)), to_hex(batch.bytes)) << batch.header.base_offset;
        }
        EXPECT_FALSE(reader.error().has_value());
        EXPECT_TRUE(reader.at_end());
        EXPECT_GT(count, 0U);
    }
}

TEST(GoldenLogs, ABatchTurnedIntoLogAppendTimeByTheLeaderKeepsItsRecords) {
    // Bit 3 and the max timestamp are all that the broker changed in a batch of create time.
    const Buffer log = read_file("golden/broker1/g-logappend-none-0/00000000000000000000.log");
    BatchReader reader(log);
    BatchView batch;
    std::size_t count = 0;
    while (reader.next(batch)) {
        ++count;
        ASSERT_EQ(batch.header.timestamp_type(), TimestampType::LogAppendTime);
        Buffer copy(batch.bytes.begin(), batch.bytes.end());
        const auto header = std::span(copy).first<kBatchOverhead>();
        const auto records = ByteView(copy).subspan(kBatchOverhead);
        set_max_timestamp(header, records, TimestampType::CreateTime, batch.header.base_timestamp);
        EXPECT_TRUE(crc_matches(copy));
        set_max_timestamp(header, records, TimestampType::LogAppendTime,
                          batch.header.max_timestamp);
        EXPECT_EQ(to_hex(copy), to_hex(batch.bytes));
    }
    EXPECT_GT(count, 0U);
}

TEST(GoldenLogs, EveryMetadataRecordIsWrittenAsAControllerWroteIt) {
    std::size_t count = 0;
    for (const char* name : kMetadataLogs) {
        SCOPED_TRACE(name);
        const Buffer log = read_file(metadata_path(name));
        BatchReader reader(log);
        BatchView batch;
        while (reader.next(batch)) {
            if (batch.header.is_control())
                continue;
            const auto read = for_each_record(batch, [&](const RecordView& record) {
                const auto decoded = decode_metadata_record(*record.value);
                ASSERT_TRUE(decoded.ok()) << record.offset;
                EXPECT_EQ(to_hex(encode_metadata_record(*decoded)), to_hex(*record.value));
                EXPECT_EQ(versioned(decoded->record).version, decoded->version) << record.offset;
                ++count;
            });
            ASSERT_TRUE(read.ok());
        }
    }
    EXPECT_GT(count, 500U);
}

// The payloads that kafka-dump-log printed for the file, one a record.
std::vector<std::string> dumped_payloads(const std::string& path) {
    const Buffer text = read_file(path);
    std::istringstream lines(std::string(text.begin(), text.end()));
    std::vector<std::string> payloads;
    for (std::string line; std::getline(lines, line);) {
        const auto at = line.find(" payload: ");
        if (at != std::string::npos)
            payloads.push_back(line.substr(at + 10));
    }
    return payloads;
}

TEST(GoldenLogs, MetadataRecordsPrintAsKafkaDumpLogPrintsThem) {
    for (const char* name : kMetadataLogs) {
        SCOPED_TRACE(name);
        const Buffer log = read_file(metadata_path(name));
        BatchReader reader(log);
        BatchView batch;
        std::vector<std::string> payloads;
        while (reader.next(batch)) {
            if (batch.header.is_control())
                continue;
            ASSERT_TRUE(for_each_record(batch, [&](const RecordView& record) {
                            const auto decoded = decode_metadata_record(*record.value);
                            payloads.push_back(metadata_record_json(*decoded).dump());
                        }).ok());
        }
        EXPECT_EQ(payloads, dumped_payloads(metadata_path(std::string(name) + ".dump.txt")));
    }
}

TEST(GoldenLogs, TheFirstRecordOfAnEpochNamesTheLeader) {
    const Buffer log = read_file(metadata_path("00000000000000000000.log"));
    const BatchView batch = parse_valid_batch(log).value();
    RecordReader reader(batch);
    RecordView record;
    ASSERT_TRUE(reader.next(record));
    EXPECT_EQ(parse_control_key(*record.key), ControlType::LeaderChange);
    ByteReader in(*record.value);
    LeaderChangeMessage message;
    decode(in, 0, message);
    EXPECT_FALSE(in.failed());
    EXPECT_EQ(message.leader_id, 101);
    EXPECT_EQ(encode_control_value(message, 0), Buffer(record.value->begin(), record.value->end()));
}

}  // namespace
}  // namespace bsim::wire::testing
