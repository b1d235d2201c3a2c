// `brokersim groups` against what kafka-consumer-groups.sh of Kafka 3.9.1 printed of real clusters
// (tests/data/cli): the same groups, told by hand-made events.

#include "sim/report/groups_text.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "sim/trace/event_text.h"
#include "sim/trace/json_lines.h"
#include "sim/trace/tracer.h"

namespace bsim {
namespace {

TopicPartition part(const std::string& topic, int index) {
    return {topic, PartitionIndex(index)};
}

// What the tool printed after the n-th command line of the file, with our names in it.
std::string golden(const std::string& name, int section) {
    std::ifstream in(std::filesystem::path(BSIM_TEST_DATA) / "cli" / name);
    std::string text;
    int at = -1;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("$ ")) {
            ++at;
        } else if (at == section) {
            text += line + '\n';
        }
    }
    const auto replace = [&](const std::string& from, const std::string& to) {
        for (std::size_t i = text.find(from); i != std::string::npos; i = text.find(from, i)) {
            text.replace(i, from.size(), to);
            i += to.size();
        }
    };
    for (const char* number : {"1", "2", "3"}) {
        const std::string n(number);
        replace("/127.0.0.1      member-" + n, "/member-" + n + "       member-" + n);
        replace("127.0.0.1:2400" + n + "  (", "broker-" + n + ":9092  (");
        replace("127.0.0.1:2100" + n + "  (" + n + ")   ",
                "broker-" + n + ":9092  (" + n + ")     ");
    }
    replace("broker-1:9092  (1)", "broker-1:9092  (1)  ");
    replace("/127.0.0.1      c2", "/c2             c2");
    return text;
}

std::string together(const Said& said) {
    std::string text;
    for (const SaidText& each : said)
        text += each.text;
    return text;
}

class GroupsText : public testing::Test {
  protected:
    template <class Body>
    void tell(const std::string& node, Body body) {
        Event event;
        event.i = EventNumber(++number_);
        event.n = NodeName(node);
        event.body = std::move(body);
        view_.on(event);
    }
    void state(const std::string& node, const std::string& group, GroupStateName to) {
        tell(node, GroupState{group, GroupStateName::Empty, to, GenerationId(1)});
    }
    void ends_at(const TopicPartition& p, int hw) {
        tell("broker-1", BecameLeader{p, LeaderEpoch(0), Offset()});
        tell("broker-1", HwAdvanced{p, Offset(hw), LeaderEpoch(0)});
    }
    void commit(const std::string& node,
                const std::string& group,
                const TopicPartition& p,
                int to) {
        tell(node, OffsetCommitted{group, p, Offset(to), GenerationId(-1), "", SimDuration()});
    }
    // consumer-groups-active.txt
    void active_group() {
        const std::vector<std::string> ids = {"member-1-7f25a70c-e604-45e0-864d-0eb181d221c1",
                                              "member-2-395d5d32-d729-44a1-97e8-c65060e8fd1d",
                                              "member-3-92c2295f-7216-4905-b289-b1e2e44479cd"};
        RebalanceCompleted done{"active-group", GenerationId(1), {}, "range"};
        for (std::size_t i = 0; i < ids.size(); ++i) {
            const std::string client = ids[i].substr(0, 8);
            tell("broker-1", MemberJoined{"active-group", ids[i], client, ""});
            const int first = static_cast<int>(i) * 2;
            done.assignment[client] = {part("gt", first), part("gt", first + 1)};
        }
        tell("broker-1", done);
        state("broker-1", "active-group", GroupStateName::Stable);
        for (int i = 0; i < 6; ++i) {
            ends_at(part("gt", i), 0);
            commit("broker-1", "active-group", part("gt", i), 0);
        }
    }
    // consumer-groups-describe*.txt, consumer-groups-list.txt
    void four_groups() {
        const std::vector<int> ends = {24, 18, 20, 20, 20, 18};
        const std::vector<int> range = {5, 6, 7, 8, 9, 10};
        commit("broker-3", "g-group-admin", part("g-multi", 1), 2);
        commit("broker-3", "g-group-txn", part("g-multi", 0), 5);
        for (int i = 0; i < 6; ++i) {
            const auto at = static_cast<std::size_t>(i);
            ends_at(part("g-multi", i), ends[at]);
            commit("broker-3", "g-group-coop", part("g-multi", i), ends[at]);
            commit("broker-2", "g-group-range", part("g-multi", i), range[at]);
        }
        tell("broker-3",
             MemberJoined{"g-group-coop", "g-static-1-a87ea8fb-7bbd-497c-a6a7-28b5fd0b7a2c", "c2",
                          "g-static-1"});
        state("broker-3", "g-group-coop", GroupStateName::PreparingRebalance);
    }
    std::string shown(std::vector<std::string> groups, GroupTable table, bool verbose = false) {
        return together(describe_groups(view_, {std::move(groups), table, verbose}));
    }

    const std::vector<std::string> all_ = {"g-group-admin", "g-group-coop", "g-group-range",
                                           "g-group-txn"};
    ClusterView view_;
    std::uint64_t number_ = 0;
};

TEST_F(GroupsText, AStableGroupIsShownAsByTheRealTool) {
    active_group();
    const std::string file = "consumer-groups-active.txt";
    EXPECT_EQ(shown({"active-group"}, GroupTable::Members, true), golden(file, 0));
    EXPECT_EQ(shown({"active-group"}, GroupTable::State), golden(file, 1));
    EXPECT_EQ(shown({"active-group"}, GroupTable::Offsets), golden(file, 2));
}

TEST_F(GroupsText, GroupsThatAreEmptyOrRebalanceAreShownAsByTheRealTool) {
    four_groups();
    EXPECT_EQ(shown(all_, GroupTable::Offsets), golden("consumer-groups-describe.txt", 0));
    EXPECT_EQ(shown(all_, GroupTable::Members, true),
              golden("consumer-groups-describe-members.txt", 0));
    EXPECT_EQ(shown(all_, GroupTable::State), golden("consumer-groups-describe-state.txt", 0));
}

TEST_F(GroupsText, TheListIsInTheOrderOfTheRealTool) {
    four_groups();
    EXPECT_EQ(list_groups(view_, true), golden("consumer-groups-list.txt", 0));
    EXPECT_EQ(list_groups(view_, false),
              "g-group-txn\ng-group-admin\ng-group-coop\ng-group-range\n");
}

TEST_F(GroupsText, WarningsAreTalkAndTablesAreData) {
    four_groups();
    const Said said = describe_groups(view_, {{"g-group-coop"}, GroupTable::Offsets, false});
    ASSERT_EQ(said.size(), 2U);
    EXPECT_EQ(said[0],
              (SaidText{true, "\nWarning: Consumer group 'g-group-coop' is rebalancing.\n"}));
    EXPECT_FALSE(said[1].talk);
}

TEST_F(GroupsText, AMemberWithoutPartitionsAndAPartitionWithoutACommit) {
    tell("broker-1", MemberJoined{"g", "a-1", "consumer-with-a-long-name-0", ""});
    tell("broker-1", MemberJoined{"g", "b-1", "b", ""});
    RebalanceCompleted done{"g", GenerationId(1), {}, "cooperative-sticky"};
    done.assignment["consumer-with-a-long-name-0"] = {part("t", 10), part("t", 9), part("u", 0)};
    done.assignment["b"] = {};
    tell("broker-1", done);
    state("broker-1", "g", GroupStateName::Stable);
    ends_at(part("t", 10), 7);
    EXPECT_EQ(shown({"g"}, GroupTable::Members, true),
              "\nGROUP           CONSUMER-ID     HOST                         CLIENT-ID"
              "                   #PARTITIONS     ASSIGNMENT\n"
              "g               a-1             /consumer-with-a-long-name-0 "
              "consumer-with-a-long-name-0 3               (0), (10,9)\n"
              "g               b-1             /b                           b"
              "                           0               -\n");
    EXPECT_EQ(shown({"g"}, GroupTable::Members).substr(0, 30), "\nGROUP           CONSUMER-ID  ");
    const std::string offsets = shown({"g"}, GroupTable::Offsets);
    EXPECT_NE(offsets.find("g               t               10         -               7"
                           "               -               a-1             /consumer"),
              std::string::npos)
        << offsets;
    EXPECT_EQ(offsets.find("b-1"), std::string::npos);
}

TEST_F(GroupsText, ATraceIsReadUpToItsMomentIncluded) {
    std::ostringstream text;
    text << "{\"brokersim\":1,\"scenario\":\"s\",\"seed\":1,\"clock\":\"ns\"}\n";
    for (int i = 1; i <= 3; ++i) {
        text << "{\"i\":" << i << ",\"t\":" << i << ",\"n\":\"broker-1\",\"k\":\"OffsetCommitted\","
             << "\"a\":{\"group\":\"g\",\"p\":\"t-0\",\"offset\":" << 10 * i
             << ",\"generation\":-1,\"member\":\"\",\"latency_ns\":0},\"c\":[]}\n";
    }
    const auto offset_at = [&](std::optional<SimTime> at) {
        std::istringstream in(text.str());
        ClusterView view;
        EXPECT_TRUE(read_cluster(in, at, view).ok());
        const GroupSnapshot* const group = view.groups().group("g");
        return group == nullptr ? Offset(-1) : group->offsets.at(part("t", 0));
    };
    EXPECT_EQ(offset_at(SimTime(0)), Offset(-1));
    EXPECT_EQ(offset_at(SimTime(2)), Offset(20));
    EXPECT_EQ(offset_at(std::nullopt), Offset(30));
    std::istringstream broken("{}\n");
    ClusterView view;
    EXPECT_FALSE(read_cluster(broken, std::nullopt, view).ok());
}

}  // namespace
}  // namespace bsim
