#include <limits>

#include <boost/crc.hpp>
#include <gtest/gtest.h>

#include "sim/base/crc32c.h"
#include "sim/base/ratio.h"
#include "sim/base/result.h"
#include "sim/base/strong.h"
#include "sim/base/time.h"
#include "sim/base/uuid.h"
#include "sim/base/varint.h"

namespace bsim {
namespace {

TEST(Crc32c, MatchesTheCheckValueAndBoost) {
    EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283U);
    std::vector<std::uint8_t> data;
    for (unsigned i = 0; i < 5000; ++i) {
        data.push_back(static_cast<std::uint8_t>(i * 31 + i / 7));
        boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> twin;
        twin.process_bytes(data.data(), data.size());
        if (i % 97 == 0) {
            ASSERT_EQ(crc32c(data), twin.checksum()) << i;
        }
    }
}

TEST(Uuid, PrintsAndParsesKafkasBase64) {
    const Uuid id = *Uuid::parse("JwGmMAtLOehDYqVz1peGzw");
    EXPECT_EQ(id.to_string(), "JwGmMAtLOehDYqVz1peGzw");
    EXPECT_EQ(Uuid{}.to_string(), "AAAAAAAAAAAAAAAAAAAAAA");
    EXPECT_FALSE(Uuid::parse("short"));
    EXPECT_FALSE(Uuid::parse("JwGmMAtLOehDYqVz1peGz+"));
}

TEST(Ratio, ReadsDecimalsExactly) {
    EXPECT_EQ(Ratio::parse("0.0005"), (Ratio{5, 10000}));
    EXPECT_EQ(Ratio::parse("1"), (Ratio{1, 1}));
    EXPECT_EQ(Ratio::parse("0.50"), (Ratio{5, 10}));
    EXPECT_EQ(Ratio::parse("1e-3"), (Ratio{1, 1000}));
    EXPECT_EQ(Ratio::parse("250"), (Ratio{250, 1}));
    EXPECT_EQ(Ratio::parse("0"), (Ratio{0, 1}));
    for (const char* bad : {"", ".", "-1", "1e", "1.2.3", "1e40", "x"}) {
        EXPECT_FALSE(Ratio::parse(bad)) << bad;
    }
}

TEST(Varint, RejectsWhatIsLongerThanItsType) {
    const std::vector<std::uint8_t> six(6, 0x80);
    ByteReader in{ByteView(six)};
    take_varint(in);
    EXPECT_TRUE(in.failed());
}

TEST(SimTime, SubtractsToADuration) {
    EXPECT_EQ((SimTime(5) + seconds(1)) - SimTime(5), seconds(1));
    EXPECT_EQ(milliseconds(1500).ms(), 1500);
}

TEST(SimTime, WhatDoesNotFitIsForever) {
    constexpr SimDuration kForever(std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(milliseconds(std::numeric_limits<std::int64_t>::max()), kForever);
    EXPECT_EQ(seconds(1) + kForever, kForever);
    EXPECT_EQ(seconds(2) * std::numeric_limits<std::int64_t>::max(), kForever);
    EXPECT_EQ(SimTime(5) + kForever, SimTime(kForever.ns()));
    EXPECT_EQ((SimTime(-5) - kForever).ns(), std::numeric_limits<std::int64_t>::min());
}

}  // namespace
}  // namespace bsim
