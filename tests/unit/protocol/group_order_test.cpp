// The orders of Scala's maps, as the real classes gave them.

#include <fstream>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/base/java_order.h"
#include "sim/protocol/group/group_metadata.h"
#include "sim/protocol/group/scala_order.h"

namespace bsim::group {
namespace {

std::vector<std::string> words_after_first(const std::string& line) {
    std::istringstream in(line);
    std::vector<std::string> words;
    std::string word;
    in >> word;
    while (in >> word)
        words.push_back(word);
    return words;
}

std::vector<std::string> picked(const std::vector<std::string>& from,
                                const std::vector<std::size_t>& order) {
    std::vector<std::string> out;
    for (const std::size_t i : order)
        out.push_back(from[i]);
    return out;
}

TEST(GroupScalaOrder, EqualsThatOfTheRealMaps) {
    std::ifstream file(std::string(BSIM_TEST_DATA) + "/group/scala_order.txt");
    std::vector<std::string> keys;
    std::vector<std::uint32_t> hashes;
    int compared = 0;
    for (std::string line; std::getline(file, line);) {
        const auto words = words_after_first(line);
        if (line.starts_with("in ")) {
            keys = words;
            hashes.clear();
            for (const std::string& key : keys)
                hashes.push_back(java_hash(key));
        } else if (line.starts_with("mutable ")) {
            EXPECT_EQ(picked(keys, scala_hash_order(hashes)), words);
        } else if (line.starts_with("immutable ")) {
            EXPECT_EQ(picked(keys, scala_immutable_order(hashes)), words);
        } else if (line.starts_with("trie ")) {
            EXPECT_EQ(picked(keys, scala_trie_order(hashes)), words);
        }
        ++compared;
    }
    EXPECT_GT(compared, 50);
}

Member member(const std::string& id) {
    Member made;
    made.id = id;
    made.protocol_type = "consumer";
    made.protocols = {{"range", {}}};
    return made;
}

// Forty members came and all but four went: the table is as wide as it was. Taken from the real
// class.
TEST(GroupScalaOrder, AGroupKeepsTheOrderOfItsWidestTable) {
    GroupMetadata group("g", GroupSerial(1), WallMs(0));
    for (int i = 0; i < 40; ++i)
        group.add(member("m" + std::to_string(i * 7)));
    for (int i = 0; i < 36; ++i)
        group.remove("m" + std::to_string(i * 7));
    const std::vector<std::string> expected = {"m266", "m252", "m273", "m259"};
    EXPECT_EQ(group.members_in_order(), expected);
    EXPECT_EQ(group.leader(), "m266");
}

TEST(GroupScalaOrder, PartitionsHaveJavasHash) {
    const TopicPartition tp{"orders", PartitionIndex(3)};
    EXPECT_EQ(topic_partition_hash(tp), static_cast<std::uint32_t>(-1008769277));
    EXPECT_EQ(unnamed_topic_id_partition_hash(tp), static_cast<std::uint32_t>(-1008768316));
}

}  // namespace
}  // namespace bsim::group
