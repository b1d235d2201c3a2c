// Checksums, variable-length integers and ids as Kafka's own classes computed them.

#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sim/base/crc32c.h"
#include "sim/base/uuid.h"
#include "sim/base/varint.h"

namespace bsim {
namespace {

using nlohmann::json;

std::vector<json> vectors(const std::string& kind) {
    std::ifstream file(BSIM_TEST_DATA "/classes/hashes.jsonl");
    std::vector<json> found;
    for (std::string line; std::getline(file, line);) {
        json value = json::parse(line);
        if (value["kind"] == kind)
            found.push_back(std::move(value));
    }
    EXPECT_FALSE(found.empty()) << kind;
    return found;
}

std::vector<std::uint8_t> from_hex(const std::string& hex) {
    std::vector<std::uint8_t> bytes;
    for (std::size_t at = 0; at + 1 < hex.size(); at += 2) {
        bytes.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(at, 2), nullptr, 16)));
    }
    return bytes;
}

TEST(Crc32cVectors, AreKafkas) {
    for (const json& line : vectors("crc32c")) {
        EXPECT_EQ(crc32c(from_hex(line["data"].get<std::string>())),
                  line["crc"].get<std::uint32_t>());
    }
}

// Writes with `put`, compares with the vector, and reads back with `take`.
template <class Value, class Put, class Take>
void check_varint(const json& enc, const char* form, Value value, Put put, Take take) {
    if (!enc.contains(form))
        return;
    SCOPED_TRACE(std::string(form) + " " + std::to_string(value));
    const auto expected = from_hex(enc[form].get<std::string>());
    ByteWriter out;
    put(out, value);
    EXPECT_EQ(out.take(), expected);
    ByteReader in(expected);
    EXPECT_EQ(take(in), value);
    EXPECT_FALSE(in.failed());
    EXPECT_EQ(in.remaining(), 0U);
}

TEST(VarintVectors, AreKafkas) {
    for (const json& line : vectors("varint")) {
        const std::int64_t value = std::stoll(line["value"].get<std::string>());
        const auto narrow = static_cast<std::int32_t>(value);
        const json& enc = line["enc"];
        check_varint(enc, "varlong", value, put_varlong, take_varlong);
        check_varint(enc, "unsignedVarlong", static_cast<std::uint64_t>(value), put_uvarlong,
                     [](ByteReader& in) { return take_uvarlong(in); });
        check_varint(enc, "varint", narrow, put_varint, take_varint);
        check_varint(enc, "unsignedVarint", static_cast<std::uint32_t>(narrow), put_uvarint,
                     take_uvarint);
        EXPECT_EQ(varlong_size(value), enc["sizeOfVarlong"].get<std::size_t>());
        if (enc.contains("sizeOfVarint")) {
            EXPECT_EQ(varint_size(narrow), enc["sizeOfVarint"].get<std::size_t>());
        }
        if (enc.contains("sizeOfUnsignedVarint")) {
            EXPECT_EQ(uvarint_size(static_cast<std::uint32_t>(narrow)),
                      enc["sizeOfUnsignedVarint"].get<std::size_t>());
        }
    }
}

TEST(UuidVectors, AreKafkas) {
    for (const json& line : vectors("uuid")) {
        const auto text = line["base64"].get<std::string>();
        SCOPED_TRACE(text);
        const Uuid id{static_cast<std::uint64_t>(std::stoll(line["msb"].get<std::string>())),
                      static_cast<std::uint64_t>(std::stoll(line["lsb"].get<std::string>()))};
        EXPECT_EQ(id.to_string(), text);
        EXPECT_EQ(Uuid::parse(text), id);
    }
}

TEST(UuidVectors, TextIsReadOrRefusedAsKafkaDoes) {
    for (const json& line : vectors("uuidParse")) {
        const auto text = line["s"].get<std::string>();
        SCOPED_TRACE(text);
        if (line.contains("error")) {
            EXPECT_FALSE(Uuid::parse(text).has_value());
        } else {
            const auto id = Uuid::parse(text);
            ASSERT_TRUE(id.has_value());
            EXPECT_EQ(static_cast<std::int64_t>(id->high),
                      std::stoll(line["msb"].get<std::string>()));
        }
    }
}

}  // namespace
}  // namespace bsim
