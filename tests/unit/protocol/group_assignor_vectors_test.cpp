// The assignors against what Kafka 3.9.1's classes answered: tests/data/classes/assignors.jsonl, of
// which every line must come out of us as it went in.

#include <fstream>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "tests/assign/case.h"

namespace bsim::group::testing {
namespace {

TEST(AssignorVectors, EveryCaseIsAnsweredLikeKafka) {
    std::ifstream file(std::string(BSIM_TEST_DATA) + "/classes/assignors.jsonl");
    std::map<std::string, int> seen;
    int hash_order_shows = 0;
    for (std::string text; std::getline(file, text);) {
        const Json line = Json::parse(text);
        const auto read = read_case(line);
        ASSERT_TRUE(read.has_value()) << text;
        EXPECT_EQ(answered(line, *read).dump(), text);
        ++seen[line["assignor"].get<std::string>()];
        hash_order_shows += line.value("output_if_hashmap_differs", Json()).is_array() ? 1 : 0;
    }
    EXPECT_GE(seen["range"], 40);
    EXPECT_GE(seen["roundrobin"], 20);
    EXPECT_GE(seen["sticky"], 60);
    EXPECT_GE(seen["cooperative-sticky"], 60);
    EXPECT_GE(hash_order_shows, 10);
}

TEST(AssignorVectors, AnErrorIsToldInPlaceOfAnAssignment) {
    const Json line = Json::parse(R"({"kind":"client","assignor":"roundrobin","members":[],
                                      "topics":[],"output":[]})");
    const Json out = answered(line, *read_case(line));
    EXPECT_FALSE(out.contains("output"));
    EXPECT_EQ(out["error"],
              "IllegalArgumentException: CircularIterator can only be used on non-empty lists");
}

TEST(AssignorVectors, AServersAssignorIsNoCase) {
    EXPECT_FALSE(read_case(Json::parse(R"({"kind":"server","assignor":"range"})")).has_value());
}

}  // namespace
}  // namespace bsim::group::testing
