#include "sim/node/record_content.h"

#include <fmt/format.h>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace bsim {
namespace {

const NodeName kShop = NodeName::client("producer", "shop", 0);

std::string hex(const SharedBytes& bytes) {
    std::string out;
    for (const std::uint8_t byte : bytes.view())
        out += fmt::format("{:02x}", byte);
    return out;
}

TEST(RecordKey, IsTextANumberOrJson) {
    EXPECT_EQ(as_text(record_key(Serializer::String, 17).view()), "key-17");
    EXPECT_EQ(hex(record_key(Serializer::Long, 258)), "0000000000000102");
    EXPECT_EQ(nlohmann::json::parse(as_text(record_key(Serializer::Json, 17).view()))["key"], 17);
}

TEST(RecordValue, OfAStringHasItsBytesExactly) {
    const RecordForm form{.value_bytes = 24};
    EXPECT_EQ(value_text(form, kShop, client::RecordId(5)), "producer-shop-0:5.......");
    const RecordForm tight{.value_bytes = 4};
    EXPECT_EQ(value_text(tight, kShop, client::RecordId(5)), "5...");
}

TEST(RecordValue, OfALongTellsProducerAndRecordInDecimal) {
    const RecordForm form{.value = Serializer::Long, .producer = 3};
    const std::string text = value_text(form, kShop, client::RecordId(17));
    EXPECT_EQ(text, "3000000000017");
    EXPECT_EQ(hex(serialize_value(Serializer::Long, text)), "000002ba7def3011");
}

TEST(RecordValue, OfJsonIsOneObjectOfTheBytesAskedForIfItFits) {
    for (const std::int32_t bytes : {100, 60, 57, 56, 48, 47, 46, 10}) {
        const RecordForm form{.value = Serializer::Json, .value_bytes = bytes};
        const std::string text = value_text(form, kShop, client::RecordId(17));
        const auto value = nlohmann::json::parse(text);
        EXPECT_EQ(value["producer"], "producer-shop-0");
        EXPECT_EQ(value["record"], 17);
        EXPECT_TRUE(value.contains("fill") ? std::ssize(text) == bytes : text.size() == 42) << text;
    }
}

TEST(RecordValue, IsReadBackAsTheTextItWasMadeFrom) {
    for (const Serializer serializer : {Serializer::String, Serializer::Long, Serializer::Json}) {
        std::set<std::string> texts;
        for (std::int32_t producer = 0; producer < 3; ++producer) {
            const NodeName name = NodeName::client("producer", "shop", producer);
            for (std::uint64_t id = 0; id < 300; ++id) {
                const RecordForm form{.value = serializer, .producer = producer};
                const std::string text = value_text(form, name, client::RecordId(id));
                const SharedBytes bytes = serialize_value(serializer, text);
                std::deque<std::string> made;
                EXPECT_EQ(value_text(bytes.view(), made), text);
                texts.insert(text);
            }
        }
        EXPECT_EQ(texts.size(), 900U);
    }
}

}  // namespace
}  // namespace bsim
