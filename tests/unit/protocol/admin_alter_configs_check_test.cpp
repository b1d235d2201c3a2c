// What a broker refuses of a change of settings before the controller sees it.

#include <gtest/gtest.h>

#include "sim/protocol/admin/alter_configs_check.h"
#include "sim/wire/error_code.h"

namespace bsim::admin {
namespace {

using Request = wire::IncrementalAlterConfigsRequest;

constexpr std::int8_t kTopic = 2;
constexpr std::int8_t kBroker = 4;

Request::AlterConfigsResource resource(std::int8_t type,
                                       const std::string& name,
                                       const std::string& key,
                                       const char* value) {
    Request::AlterConfigsResource out;
    out.resource_type = type;
    out.resource_name = name;
    auto& config = out.configs.emplace_back();
    config.name = key;
    config.value = std::nullopt;
    if (value != nullptr)
        config.value = value;
    return out;
}

bool refused(const Request::AlterConfigsResource& asked) {
    Request request;
    request.resources.push_back(asked);
    return check_alter_configs(request, BrokerId(1)).front().has_value();
}

TEST(AlterConfigsCheck, OnlyDynamicSettingsOfThisBrokerOrOfAll) {
    EXPECT_FALSE(refused(resource(kBroker, "", "min.insync.replicas", "2")));
    EXPECT_FALSE(refused(resource(kBroker, "1", "unclean.leader.election.enable", "true")));
    EXPECT_FALSE(refused(resource(kBroker, "1", "num.replica.fetchers", "2")));
    EXPECT_FALSE(refused(resource(kBroker, "", "my.plugin", "x")));
    EXPECT_TRUE(refused(resource(kBroker, "2", "min.insync.replicas", "2")));
    EXPECT_TRUE(refused(resource(kBroker, "one", "min.insync.replicas", "2")));
    EXPECT_TRUE(refused(resource(kBroker, "1", "replica.lag.time.max.ms", "2")));
    EXPECT_TRUE(refused(resource(kBroker, "1", "log.retention.hours", "2")));
    EXPECT_TRUE(refused(resource(kBroker, "1", "min.insync.replicas", "none")));
    EXPECT_TRUE(refused(resource(kBroker, "1", "min.insync.replicas", nullptr)));
}

TEST(AlterConfigsCheck, TopicsAreLeftToTheController) {
    EXPECT_FALSE(refused(resource(kTopic, "orders", "no.such", "2")));
    EXPECT_TRUE(refused(resource(kTopic, "orders", "retention.ms", nullptr)));
    EXPECT_TRUE(refused(resource(8, "1", "kafka.server", "INFO")));
    auto twice = resource(kTopic, "orders", "retention.ms", "2");
    twice.configs.push_back(twice.configs.front());
    EXPECT_TRUE(refused(twice));
}

TEST(AlterConfigsCheck, AnswersComeBackInTheOrderOfTheRequest) {
    Request request;
    request.validate_only = true;
    request.resources = {resource(kTopic, "a", "retention.ms", "1"),
                         resource(kBroker, "2", "min.insync.replicas", "1"),
                         resource(kTopic, "b", "retention.ms", "1"),
                         resource(kTopic, "c", "retention.ms", "1"),
                         resource(kTopic, "c", "retention.ms", "2")};
    const ConfigRefusals refusals = check_alter_configs(request, BrokerId(1));
    const Request rest = without_refused(request, refusals);
    EXPECT_TRUE(rest.validate_only);
    ASSERT_EQ(2U, rest.resources.size());
    wire::IncrementalAlterConfigsResponse answered;
    for (const char* name : {"b", "a"}) {
        auto& answer = answered.responses.emplace_back();
        answer.resource_type = kTopic;
        answer.resource_name = name;
        answer.error_code = 40;
    }
    const auto merged = with_refused(request, refusals, answered);
    std::vector<std::pair<std::string, std::int16_t>> seen;
    for (const auto& answer : merged.responses)
        seen.emplace_back(answer.resource_name, answer.error_code);
    const std::vector<std::pair<std::string, std::int16_t>> expected{
        {"a", 40}, {"2", 42}, {"b", 40}, {"c", 42}, {"c", 42}};
    EXPECT_EQ(expected, seen);
}

}  // namespace
}  // namespace bsim::admin
