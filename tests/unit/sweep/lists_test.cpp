#include <gtest/gtest.h>

#include "sim/sweep/seed_list.h"
#include "sim/sweep/vary.h"

namespace bsim {
namespace {

using Seeds = std::vector<std::uint64_t>;

TEST(SeedList, NumbersAndRangesAreSortedAndCountOnce) {
    EXPECT_EQ(*parse_seed_list("7"), (Seeds{7}));
    EXPECT_EQ(*parse_seed_list("9..12,1,5,10"), (Seeds{1, 5, 9, 10, 11, 12}));
    EXPECT_EQ(*parse_seed_list("0..0"), (Seeds{0}));
    EXPECT_EQ(parse_seed_list("1..10000")->size(), 10'000U);
    EXPECT_EQ(*parse_seed_list("9007199254740991"), (Seeds{9'007'199'254'740'991}));
}

TEST(SeedList, WhatIsNoSeedIsNamed) {
    for (const std::string text : {"", "1,", ",1", "x", "1..", "..3", "1...3", "1..2..3", "-1",
                                   "1 ", "0x10", "9007199254740992", "3..1", "1..99999999999"}) {
        EXPECT_FALSE(parse_seed_list(text).ok()) << text;
    }
    EXPECT_EQ(parse_seed_list("1,a..3").error(),
              "seeds \"a..3\" are no number below 2^53 and no range such as 1..100");
    EXPECT_EQ(parse_seed_list("3..1").error(), "seeds \"3..1\" run backwards");
    EXPECT_EQ(parse_seed_list("1..5000000,1..5000001").error(),
              "seeds \"1..5000000,1..5000001\" are more than 10000000");
}

TEST(SeedList, TheTextOfSeedsReadsBack) {
    for (const std::string text : {"1..4,9", "0", "1..2,4,6..8"})
        EXPECT_EQ(seed_list_text(*parse_seed_list(text)), text);
    EXPECT_EQ(seed_list_text({}), "");
}

TEST(Vary, SplitsAtCommasThatBelongToNoValue) {
    const auto axis = parse_vary(R"(/a/b=1,"x,y",[1,2],{"k":[3,"]"]},word)");
    ASSERT_TRUE(axis.ok());
    EXPECT_EQ(axis->pointer, "/a/b");
    EXPECT_EQ(axis->values,
              (std::vector<std::string>{"1", R"("x,y")", "[1,2]", R"({"k":[3,"]"]})", "word"}));
}

TEST(Vary, RefusesWhatIsNoAxis) {
    EXPECT_FALSE(parse_vary("a=1").ok());
    EXPECT_FALSE(parse_vary("/a").ok());
    EXPECT_EQ(parse_vary("/a=1,,2").error(), "/a: a value is empty");
    EXPECT_EQ(parse_vary("/a=1,2,1").error(), "/a: 1 stands there twice");
}

TEST(Vary, SeveralAxesMakeACrossProduct) {
    EXPECT_EQ(cells_of({}), (std::vector<std::vector<std::string>>{{}}));
    const std::vector<VaryAxis> axes{{"/a", {"1", "2"}}, {"/b", {"x", "y"}}};
    EXPECT_EQ(cells_of(axes),
              (std::vector<std::vector<std::string>>{
                  {"/a=1", "/b=x"}, {"/a=1", "/b=y"}, {"/a=2", "/b=x"}, {"/a=2", "/b=y"}}));
    EXPECT_EQ(cell_count(axes), 4U);
    const VaryAxis wide{"/c", std::vector<std::string>(1000, "1")};
    EXPECT_EQ(cell_count({wide, wide, wide, wide, wide, wide, wide}), kCellsMax + 1);
}

}  // namespace
}  // namespace bsim
