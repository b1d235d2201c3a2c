// Every message of the vectors decodes, encodes to the same bytes, and knows its size and JSON.

#include <gmock/gmock.h>
#include <set>

#include "tests/unit/wire/vectors.h"

namespace bsim::wire::testing {
namespace {

std::string message_name(const Json& line) {
    const std::string direction = line["direction"] == "request" ? "Request" : "Response";
    return line["api"].get<std::string>() + direction;
}

// Decodes the bytes into a message of that type, which must consume them all, and encodes it again.
std::unique_ptr<AnyMessage> round_trip(const std::string& name,
                                       std::int16_t version,
                                       const Buffer& bytes) {
    auto message = make_message(name);
    EXPECT_NE(message, nullptr) << name;
    if (!message)
        return nullptr;
    ByteReader in(bytes);
    message->decode_from(in, version);
    EXPECT_FALSE(in.failed());
    EXPECT_EQ(in.remaining(), 0U);
    EXPECT_EQ(to_hex(message->encoded(version)), to_hex(bytes));
    EXPECT_EQ(message->size(version), bytes.size());
    return message;
}

TEST(RpcVectors, EveryMessageIsReadAndWrittenLikeKafka) {
    const auto lines = read_lines("wire/rpc.jsonl");
    ASSERT_GT(lines.size(), 1000U);
    std::set<std::string> seen;
    for (const Json& line : lines) {
        SCOPED_TRACE(line["id"].get<std::string>());
        const auto version = line["version"].get<std::int16_t>();
        seen.insert(message_name(line));
        const auto message =
            round_trip(message_name(line), version, from_hex(line["bytes"].get<std::string>()));
        ASSERT_NE(message, nullptr);
        EXPECT_EQ(message->json(version), line["json"]);
    }
    EXPECT_EQ(seen.size(), 2 * 88U);
}

TEST(RpcVectors, RequestHeadersAreReadAndWrittenLikeKafka) {
    for (const Json& line : read_lines("wire/rpc.jsonl")) {
        if (!line.contains("header"))
            continue;
        SCOPED_TRACE(line["id"].get<std::string>());
        const auto version = line["headerVersion"].get<std::int16_t>();
        const auto message =
            round_trip("RequestHeader", version, from_hex(line["header"].get<std::string>()));
        ASSERT_NE(message, nullptr);
        const Json json = message->json(version);
        EXPECT_EQ(json["requestApiKey"], line["apiKey"]);
        EXPECT_EQ(json["requestApiVersion"], line["version"]);
        EXPECT_EQ(json["correlationId"], 1234);
        if (version >= 1) {
            EXPECT_EQ(json["clientId"], "cli-7");
        }
    }
}

TEST(CoordinatorVectors, EveryRecordIsReadAndWrittenLikeKafka) {
    const auto lines = read_lines("wire/offsets-records.jsonl");
    ASSERT_GT(lines.size(), 100U);
    for (const Json& line : lines) {
        SCOPED_TRACE(line["id"].get<std::string>());
        const auto version = line["version"].get<std::int16_t>();
        const Buffer bytes = from_hex(line["bytes"].get<std::string>());
        ASSERT_GE(bytes.size(), 2U);
        EXPECT_EQ(load_be<std::int16_t>(bytes.data()), version);
        const auto message = round_trip(line["type"].get<std::string>(), version,
                                        Buffer(bytes.begin() + 2, bytes.end()));
        ASSERT_NE(message, nullptr);
        if (line.contains("json")) {
            EXPECT_EQ(message->json(version), line["json"]);
        }
        if (line.contains("decoded")) {
            EXPECT_EQ(message->json(version)["topics"], line["decoded"]["topics"]);
        }
    }
}

TEST(ControlVectors, EveryQuorumRecordIsReadAndWrittenLikeKafka) {
    const std::map<std::string, std::string> types{{"LEADER_CHANGE", "LeaderChangeMessage"},
                                                   {"SNAPSHOT_HEADER", "SnapshotHeaderRecord"},
                                                   {"SNAPSHOT_FOOTER", "SnapshotFooterRecord"},
                                                   {"KRAFT_VERSION", "KRaftVersionRecord"},
                                                   {"KRAFT_VOTERS", "VotersRecord"}};
    std::set<std::string> seen;
    for (const Json& line : read_lines("wire/metadata-records.jsonl")) {
        if (line["kind"] != "control")
            continue;
        const auto type = types.find(line["type"].get<std::string>());
        if (type == types.end())
            continue;
        SCOPED_TRACE(line["id"].get<std::string>());
        seen.insert(type->second);
        const auto version = line["version"].get<std::int16_t>();
        const auto message =
            round_trip(type->second, version, from_hex(line["value"].get<std::string>()));
        ASSERT_NE(message, nullptr);
        EXPECT_EQ(message->json(version), line["json"]);
    }
    EXPECT_EQ(seen.size(), types.size());
}

TEST(MessageVersions, AVersionThatTheMessageLacksIsNotRead) {
    const Buffer zeros(64, 0);
    for (const std::string& name : message_names()) {
        SCOPED_TRACE(name);
        auto message = make_message(name);
        for (const int version : {message->min_version() - 1, message->max_version() + 1}) {
            ByteReader in(zeros);
            message->decode_from(in, static_cast<std::int16_t>(version));
            EXPECT_TRUE(in.failed());
            EXPECT_THROW(message->encoded(static_cast<std::int16_t>(version)), InternalBug);
        }
    }
}

TEST(MessageDefaults, EveryMessageInEveryVersionSurvivesAsItIsMade) {
    for (const std::string& name : message_names()) {
        auto message = make_message(name);
        for (std::int16_t v = message->min_version(); v <= message->max_version(); ++v) {
            SCOPED_TRACE(name + " v" + std::to_string(v));
            const Buffer bytes = message->encoded(v);
            EXPECT_EQ(message->size(v), bytes.size());
            round_trip(name, v, bytes);
        }
    }
}

// Damaged input must fail the reader or give a message that can be written; it must never crash.
TEST(DamagedMessages, EveryByteFlippedAndEveryLengthCutIsSurvived) {
    std::map<std::string, Json> longest;
    for (const Json& line : read_lines("wire/rpc.jsonl")) {
        Json& known = longest[message_name(line)];
        const bool longer = known.is_null() || line["bytes"].get<std::string>().size() >
                                                   known["bytes"].get<std::string>().size();
        if (longer)
            known = line;
    }
    std::size_t failures = 0;
    for (const auto& [name, line] : longest) {
        SCOPED_TRACE(name);
        const auto version = line["version"].get<std::int16_t>();
        const Buffer bytes = from_hex(line["bytes"].get<std::string>());
        auto message = make_message(name);
        for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
            ByteReader in(ByteView(bytes).first(cut));
            message->decode_from(in, version);
            EXPECT_TRUE(in.failed()) << "cut to " << cut;
        }
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            Buffer damaged = bytes;
            damaged[at] ^= 0xff;
            ByteReader in(damaged);
            message->decode_from(in, version);
            failures += in.failed() ? 1 : 0;
            if (in.failed())
                continue;
            EXPECT_EQ(message->encoded(version).size(), message->size(version));
        }
    }
    EXPECT_GT(failures, 1000U);
}

}  // namespace
}  // namespace bsim::wire::testing
