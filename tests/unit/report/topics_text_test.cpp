// `brokersim topics` against what kafka-topics.sh of Kafka 3.9.1 printed of a real cluster
// (tests/data/cli): the same topics, told by records of the metadata log.

#include "sim/report/topics_text.h"

#include <regex>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/unit/report/cluster_story.h"

namespace bsim {
namespace {

std::vector<std::string> split(const std::string& text, char by) {
    std::vector<std::string> parts;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, by);)
        parts.push_back(part);
    return parts;
}

std::vector<std::int32_t> ids(const std::string& text) {
    std::vector<std::int32_t> found;
    for (const std::string& part : split(text, ','))
        found.push_back(std::stoi(part));
    return found;
}

class TopicsText : public testing::Test {
  protected:
    TopicsText() {
        for (const int id : {1, 2, 3})
            story_.broker(id, false);
    }
    // Makes the topics of a file that the tool printed, in reverse, so that no order stands by
    // chance.
    void make(const std::string& file) {
        const std::regex head("Topic: (\\S+)\tTopicId: (\\S+)\t.*\tConfigs: (.*)");
        const std::regex row(
            "\tTopic: (\\S+)\tPartition: (\\d+)\tLeader: (\\d+)\tReplicas: (\\S+)\tIsr: "
            "(\\S+)\t.*");
        const std::vector<std::string> lines = split(golden_cli(file), '\n');
        std::vector<wire::PartitionRecord> partitions;
        for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
            std::smatch found;
            if (std::regex_match(*line, found, row)) {
                wire::PartitionRecord& p = partitions.emplace_back();
                p.partition_id = std::stoi(found[2]);
                p.leader = std::stoi(found[3]);
                p.replicas = ids(found[4]);
                p.isr = ids(found[5]);
            } else if (std::regex_match(*line, found, head)) {
                story_.topic(found[1], *Uuid::parse(std::string(found[2])));
                for (const std::string& setting : split(found[3], ',')) {
                    const std::size_t equals = setting.find('=');
                    story_.setting(ConfigResourceType::Topic, found[1],
                                   setting.substr(0, equals).c_str(), setting.substr(equals + 1));
                }
                for (wire::PartitionRecord& p : partitions) {
                    p.topic_id = *Uuid::parse(std::string(found[2]));
                    story_.records(p);
                }
                partitions.clear();
            }
        }
    }
    void make_orders(const std::string& min_isr) {
        story_.topic("orders", Uuid{1, 2});
        story_.setting(ConfigResourceType::Topic, "orders", "min.insync.replicas", min_isr);
        story_.records(story_.partition("orders", 0));
    }
    void change(const wire::PartitionRecord& partition) { story_.records(partition); }
    std::string shown(const TopicQuery& query = {}) {
        const auto names = existing_topics(story_.cluster, query);
        return names.ok() ? describe_topics(story_.cluster, *names, query) : names.error();
    }
    TopicQuery only(const std::string& topic) {
        TopicQuery query;
        query.topic = topic;
        return query;
    }

    ClusterStory story_;
};

TEST_F(TopicsText, AllTopicsAreShownAsByTheRealTool) {
    make("topics-describe.txt");
    EXPECT_EQ(shown(), golden_cli("topics-describe.txt"));
}

TEST_F(TopicsText, OneTopicIsShownAsByTheRealTool) {
    make("topics-describe.txt");
    EXPECT_EQ(shown(only("g-multi")), golden_cli("topics-describe-one.txt"));
}

TEST_F(TopicsText, TheListIsThatOfTheRealTool) {
    make("topics-describe.txt");
    const auto names = matching_topics(story_.cluster, {});
    EXPECT_EQ(list_topics(names), golden_cli("topics-list.txt"));
}

TEST_F(TopicsText, AClusterWithADeadBrokerIsShownAsByTheRealTool) {
    make("topics-describe-broker3-dead.txt");
    story_.broker(3, true);
    EXPECT_EQ(shown(), golden_cli("topics-describe-broker3-dead.txt"));
}

TEST_F(TopicsText, UnderReplicatedPartitionsAreShownAsByTheRealTool) {
    make("topics-describe.txt");
    const std::regex row(
        "\tTopic: (\\S+)\tPartition: (\\d+)\tLeader: (\\d+)\tReplicas: (\\S+)\tIsr: (\\S+)\t.*");
    const std::string expected = golden_cli("topics-under-replicated.txt");
    for (const std::string& line : split(expected, '\n')) {
        std::smatch found;
        ASSERT_TRUE(std::regex_match(line, found, row)) << line;
        wire::PartitionRecord p = story_.partition(found[1], std::stoi(found[2]));
        p.leader = std::stoi(found[3]);
        p.replicas = ids(found[4]);
        p.isr = ids(found[5]);
        change(p);
    }
    // A whole partition that must not be shown.
    story_.topic("whole", Uuid{7, 7});
    story_.records(story_.partition("whole", 0));
    TopicQuery query;
    query.under_replicated = true;
    EXPECT_EQ(shown(query), expected);
}

TEST_F(TopicsText, APartitionIsUnavailableIfItsLeaderIsFencedOrMissing) {
    make_orders("1");
    TopicQuery query;
    query.unavailable = true;
    EXPECT_EQ(shown(query), "");
    story_.broker(1, true);
    const std::string line =
        "\tTopic: orders\tPartition: 0\tLeader: none\tReplicas: 1,2,3\tIsr: 1,2,3\tElr: \t"
        "LastKnownElr: \n";
    EXPECT_EQ(shown(query), line);
    story_.broker(1, false);
    wire::PartitionRecord p = story_.partition("orders", 0);
    p.leader = -1;
    change(p);
    EXPECT_EQ(shown(query), line);
}

TEST_F(TopicsText, TheIsrIsComparedWithWhatHoldsForTheTopic) {
    make_orders("2");
    TopicQuery under;
    under.under_min_isr = true;
    TopicQuery at;
    at.at_min_isr = true;
    EXPECT_EQ(shown(under) + shown(at), "");
    wire::PartitionRecord p = story_.partition("orders", 0);
    p.isr = {1, 2};
    change(p);
    EXPECT_EQ(shown(under), "");
    EXPECT_NE(shown(at), "");
    p.isr = {1};
    p.eligible_leader_replicas = {2};
    p.last_known_elr = {3};
    change(p);
    EXPECT_EQ(shown(at), "");
    EXPECT_EQ(shown(under),
              "\tTopic: orders\tPartition: 0\tLeader: 1\tReplicas: 1,2,3\tIsr: 1\tElr: 2\t"
              "LastKnownElr: 3\n");
}

TEST_F(TopicsText, APartitionOnTheMoveShowsWhoComesAndGoes) {
    make_orders("1");
    wire::PartitionRecord p = story_.partition("orders", 0);
    p.replicas = {4, 1, 2, 3};
    p.adding_replicas = {4};
    p.removing_replicas = {3};
    change(p);
    EXPECT_EQ(shown(),
              "Topic: orders\tTopicId: AAAAAAAAAAEAAAAAAAAAAg\tPartitionCount: 1\t"
              "ReplicationFactor: 3\tConfigs: min.insync.replicas=1\n"
              "\tTopic: orders\tPartition: 0\tLeader: 1\tReplicas: 4,1,2,3\tIsr: 1,2,3\t"
              "Adding Replicas: 4\tRemoving Replicas: 3\tElr: \tLastKnownElr: \n");
    // Three of three in sync: the fourth is not owed yet.
    TopicQuery query;
    query.under_replicated = true;
    EXPECT_EQ(shown(query), "");
}

TEST_F(TopicsText, BrokerSettingsStandForTheTopics) {
    story_.topic("orders", Uuid{1, 2});
    story_.records(story_.partition("orders", 0));
    const auto settings = [&] {
        const std::string text = shown();
        const std::size_t from = text.find("Configs: ") + 9;
        return text.substr(from, text.find('\n') - from);
    };
    EXPECT_EQ(settings(), "");
    auto& given = story_.cluster.manifest["broker-1"].settings;
    given["log.retention.hours"] = "1";  // the real tool calls what comes of it a default
    EXPECT_EQ(settings(), "");
    given["log.retention.ms"] = " 5000";
    EXPECT_EQ(settings(), "retention.ms=5000");
    story_.setting(ConfigResourceType::Broker, "", "log.retention.ms", "6000");
    EXPECT_EQ(settings(), "retention.ms=6000");
    story_.setting(ConfigResourceType::Broker, "1", "log.retention.ms", "7000");
    EXPECT_EQ(settings(), "retention.ms=7000");
    story_.setting(ConfigResourceType::Topic, "orders", "retention.ms", "8000");
    EXPECT_EQ(settings(), "retention.ms=8000");
}

TEST_F(TopicsText, OnlyTopicsWithSettingsIfAskedFor) {
    make_orders("2");
    story_.topic("plain", Uuid{3, 4});
    story_.records(story_.partition("plain", 0));
    TopicQuery query;
    query.with_overrides = true;
    EXPECT_EQ(shown(query),
              "Topic: orders\tTopicId: AAAAAAAAAAEAAAAAAAAAAg\tPartitionCount: 1\t"
              "ReplicationFactor: 3\tConfigs: min.insync.replicas=2\n");
}

TEST_F(TopicsText, TopicsAreChosenByExpressionIdAndKind) {
    make("topics-describe.txt");
    const auto names = [&](const TopicQuery& query) {
        return list_topics(matching_topics(story_.cluster, query));
    };
    EXPECT_EQ(names(only("g-txn")), "g-txn\n");
    EXPECT_EQ(names(only("g-txn.*, g-none")), "g-none\ng-txn\ng-txn-open\n");
    EXPECT_EQ(names(only("\"__.*\"")), "__consumer_offsets\n__transaction_state\n");
    TopicQuery internal = only("__.*|g-lz4");
    internal.exclude_internal = true;
    EXPECT_EQ(names(internal), "g-lz4\n");
    TopicQuery by_id;
    by_id.topic_id = "WaOgF1CVTnKPgUAHYnDZvA";
    EXPECT_EQ(names(by_id), "g-multi\n");
    EXPECT_THROW(names(only("(")), std::regex_error);
    EXPECT_EQ(topic_expression(" 'a b, c'"), "ab|c");
}

TEST_F(TopicsText, OfATopicThatIsNotThereItSaysWhatTheRealToolSays) {
    EXPECT_EQ(shown(only("g")), "Topic 'Optional[g]' does not exist as expected");
    TopicQuery by_id;
    by_id.topic_id = "WaOgF1CVTnKPgUAHYnDZvA";
    EXPECT_EQ(shown(by_id), "TopicId 'WaOgF1CVTnKPgUAHYnDZvA' does not exist as expected");
    EXPECT_EQ(shown(), "");
    EXPECT_EQ(list_topics({}), "\n");
}

TEST_F(TopicsText, JsonHoldsWhatTheTableShows) {
    make_orders("2");
    const auto json = describe_topics_json(story_.cluster, {"orders"}, {});
    EXPECT_EQ(json.dump(),
              R"({"topics":[{"topic":"orders","topic_id":"AAAAAAAAAAEAAAAAAAAAAg",)"
              R"("partition_count":1,"replication_factor":3,)"
              R"("configs":{"min.insync.replicas":"2"},"partitions":[{"partition":0,"leader":1,)"
              R"("leader_epoch":0,"partition_epoch":0,"replicas":[1,2,3],"isr":[1,2,3],"elr":[],)"
              R"("last_known_elr":[],"adding":[],"removing":[]}]}]})");
    EXPECT_EQ(list_topics_json({"orders"}).dump(), R"({"topics":["orders"]})");
}

}  // namespace
}  // namespace bsim
