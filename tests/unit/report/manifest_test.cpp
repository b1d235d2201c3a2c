#include "sim/report/manifest.h"

#include <gtest/gtest.h>

namespace bsim {
namespace {

TEST(Manifest, NodesComeBackAsTheyWereWritten) {
    Manifest manifest;
    manifest.nodes["broker-1"] = {true, true, "east", {{"log.retention.ms", "5"}, {"x", "\"y\""}}};
    manifest.nodes["controller-100"] = {false, true, std::nullopt, {}};
    EXPECT_EQ(manifest_nodes(manifest_json(manifest)), manifest.nodes);
}

TEST(Manifest, WhatIsNoManifestHasNoNodes) {
    for (const char* text : {"", "{", "[]", "7", "{}", R"({"nodes":[1]})", R"({"nodes":{"a":3}})"})
        EXPECT_TRUE(manifest_nodes(text).empty()) << text;
}

TEST(Manifest, ANodesDamagedPartsAreLeftOut) {
    const auto nodes = manifest_nodes(
        R"({"nodes":{"broker-1":{"broker":1,"voter":true,"rack":5,"settings":{"a":"b","c":4}}}})");
    const ManifestNode expected = {false, true, std::nullopt, {{"a", "b"}}};
    EXPECT_EQ(nodes.at("broker-1"), expected);
}

}  // namespace
}  // namespace bsim
