#include "sim/scenario/schema.h"

#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sim/scenario/dist_kinds.h"
#include "sim/scenario/fault_kinds.h"
#include "sim/scenario/fields.h"
#include "sim/scenario/key_rules.h"
#include "tests/unit/scenario/support.h"

namespace bsim {
namespace {

using nlohmann::ordered_json;

std::set<std::string> keys_of(const ordered_json& object) {
    std::set<std::string> out;
    for (const auto& [key, value] : object.items())
        out.insert(key);
    return out;
}

TEST(Schema, HasEveryPropertyThatWasPublished) {
    const ordered_json ours = scenario_schema(test::vocabulary());
    const auto published = ordered_json::parse(test::read_data("published.schema.json"));
    const auto missing = [&](const ordered_json& theirs, const ordered_json& mine) {
        const auto known = keys_of(mine.at("properties"));
        std::vector<std::string> out;
        for (const std::string& key : keys_of(theirs.at("properties"))) {
            if (!known.contains(key))
                out.push_back(key);
        }
        return out;
    };
    EXPECT_EQ(missing(published, ours), std::vector<std::string>());
    std::size_t compared = 0;
    for (const auto& [name, theirs] : published.at("definitions").items()) {
        const std::string mine = name == "broker" ? "node" : name == "link" ? "path" : name;
        if (!theirs.contains("properties"))
            continue;
        ++compared;
        EXPECT_EQ(missing(theirs, ours.at("definitions").at(mine)), std::vector<std::string>())
            << name;
    }
    EXPECT_GE(compared, 8U);
}

TEST(Schema, EveryReferenceLeadsSomewhere) {
    const ordered_json schema = scenario_schema(test::vocabulary());
    const ordered_json flat = schema.flatten();
    std::size_t references = 0;
    for (const auto& [pointer, value] : flat.items()) {
        if (!pointer.ends_with("/$ref"))
            continue;
        ++references;
        const auto target = value.get<std::string>().substr(1);
        EXPECT_TRUE(schema.contains(ordered_json::json_pointer(target))) << target;
    }
    EXPECT_GT(references, 100U);
}

TEST(Schema, EveryListOfWordsHasAName) {
    const Vocabulary words = test::vocabulary();
    std::set<std::string> names;
    for (const std::string& name : enum_names()) {
        EXPECT_TRUE(names.insert(name).second) << name;
        EXPECT_TRUE(enum_values(name, words)) << name;
    }
    EXPECT_EQ(enum_values("fault", words)->front(), "crash");
    EXPECT_EQ(enum_values("mode", words), (std::vector<std::string>{"kraft", "zookeeper"}));
    EXPECT_EQ(enum_values("fault.mode", words),
              (std::vector<std::string>{"kill", "graceful", "power"}));
    EXPECT_EQ(enum_values("check", words), words.checks);
    EXPECT_FALSE(enum_values("falt", words));
}

// The tables name each other's rows.
TEST(Schema, KindsOfFaultsTakeWhatTheTableHas) {
    for (const FaultKind& kind : all_fault_kinds()) {
        for (const std::string_view list : {kind.needed, kind.optional, kind.choice, kind.any_of}) {
            for (const std::string_view name : split_words(list)) {
                EXPECT_TRUE(name == "|" || find_fault_field(name, kind.name)) << kind.name << name;
            }
        }
    }
    for (const Field* field : fields_of(Shape::Fault)) {
        if (field->faults == "*")
            continue;
        EXPECT_TRUE(std::any_of(all_fault_kinds().begin(), all_fault_kinds().end(),
                                [&](const FaultKind& kind) { return takes(kind, field->name); }))
            << field->name;
    }
}

TEST(Schema, DistributionsAndRulesTakeWhatTheTableHas) {
    for (const DistKind& kind : all_dist_kinds()) {
        for (const std::string_view list : {kind.needed, kind.optional}) {
            for (const std::string_view name : split_words(list))
                EXPECT_TRUE(find_field(Shape::Dist, name)) << kind.name << name;
        }
    }
    for (const KeyRule& rule : all_key_rules()) {
        for (const std::string_view list : {rule.keys, rule.others}) {
            for (const std::string_view name : split_words(list))
                EXPECT_TRUE(find_field(rule.shape, name)) << name;
        }
    }
}

}  // namespace
}  // namespace bsim
