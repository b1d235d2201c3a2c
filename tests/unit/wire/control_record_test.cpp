#include "sim/wire/control_record.h"

#include <gtest/gtest.h>

#include "tests/unit/wire/vectors.h"

namespace bsim::wire::testing {
namespace {

TEST(ControlBatch, EveryVectorIsBuiltByteForByte) {
    std::size_t built = 0;
    for (const Json& line : read_lines("wire/metadata-records.jsonl")) {
        if (line["kind"] != "control" || !line.contains("batch"))
            continue;
        SCOPED_TRACE(line["id"].get<std::string>());
        const Json& args = line["batchArgs"];
        BatchOptions options;
        options.base_offset = args["baseOffset"].get<std::int64_t>();
        options.leader_epoch = args["partitionLeaderEpoch"].get<std::int32_t>();
        if (args.contains("producerId")) {
            options.producer_id = args["producerId"].get<std::int64_t>();
            options.producer_epoch = args["producerEpoch"].get<std::int16_t>();
            options.transactional = true;
        }
        const ControlType type{line["typeId"].get<std::int16_t>()};
        const auto batch = control_batch(options, args["timestamp"].get<std::int64_t>(), type,
                                         from_hex(line["value"].get<std::string>()));
        EXPECT_EQ(to_hex(batch), line["batch"].get<std::string>());
        ++built;
    }
    EXPECT_GE(built, 8U);
}

TEST(ControlKey, IsThatOfTheVectorsAndReadsBack) {
    for (const Json& line : read_lines("wire/metadata-records.jsonl")) {
        if (line["kind"] != "control")
            continue;
        SCOPED_TRACE(line["id"].get<std::string>());
        const ControlType type{line["typeId"].get<std::int16_t>()};
        EXPECT_EQ(to_hex(control_key(type)), line["key"].get<std::string>());
        EXPECT_EQ(parse_control_key(control_key(type)), type);
        EXPECT_EQ(name(type), line["type"].get<std::string>());
    }
}

TEST(ControlKey, ShortOrNegativeIsRefusedAndNewerTypesAreUnknown) {
    EXPECT_FALSE(parse_control_key(from_hex("000000")).has_value());
    EXPECT_FALSE(parse_control_key(from_hex("ffff0001")).has_value());
    EXPECT_EQ(parse_control_key(from_hex("00000007")), ControlType::Unknown);
    EXPECT_EQ(parse_control_key(from_hex("0001000112")), ControlType::Commit);
}

TEST(EndTxnMarker, CarriesTheCoordinatorEpoch) {
    EXPECT_EQ(to_hex(encode_end_txn_marker(18)), "000000000012");
    EXPECT_EQ(parse_end_txn_marker(from_hex("000000000012")), 18);
    EXPECT_FALSE(parse_end_txn_marker(from_hex("0000000000")).has_value());
    EXPECT_FALSE(parse_end_txn_marker(from_hex("ffff00000012")).has_value());
}

}  // namespace
}  // namespace bsim::wire::testing
