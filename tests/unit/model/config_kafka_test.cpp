// The tables and rules of settings against the verdicts of the real Kafka 3.9.1.
#include <fstream>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "sim/model/config.h"

namespace bsim {
namespace {

std::vector<std::string> split(const std::string& line, char at) {
    std::vector<std::string> parts{""};
    for (const char c : line) {
        if (c == at) {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    return parts;
}

std::vector<std::vector<std::string>> read_table(const std::string& name) {
    std::ifstream in(std::string(BSIM_TEST_DATA) + "/scenarios/" + name);
    std::vector<std::vector<std::string>> rows;
    for (std::string line; std::getline(in, line);)
        rows.push_back(split(line, '\t'));
    return rows;
}

ConfigKind kind_of(const std::string& name) {
    if (name == "broker")
        return ConfigKind::Broker;
    if (name == "topic")
        return ConfigKind::Topic;
    return name == "producer" ? ConfigKind::Producer : ConfigKind::Consumer;
}

ConfigType type_of(const std::string& name) {
    const std::map<std::string, ConfigType> types = {
        {"BOOLEAN", ConfigType::Boolean},  {"STRING", ConfigType::String},
        {"SHORT", ConfigType::Short},      {"INT", ConfigType::Int},
        {"LONG", ConfigType::Long},        {"DOUBLE", ConfigType::Double},
        {"LIST", ConfigType::List},        {"CLASS", ConfigType::Class},
        {"PASSWORD", ConfigType::Password}};
    return types.at(name);
}

// Where the simulator refuses more than Kafka does, on purpose.
bool is_bounded(const ConfigDef& def) {
    static const std::set<std::string_view> kNames = {
        "auto.commit.interval.ms",
        "broker.heartbeat.interval.ms",
        "broker.session.timeout.ms",
        "controlled.shutdown.max.retries",
        "controlled.shutdown.retry.backoff.ms",
        "controller.quorum.append.linger.ms",
        "controller.quorum.election.backoff.max.ms",
        "controller.quorum.election.timeout.ms",
        "controller.quorum.fetch.timeout.ms",
        "controller.quorum.request.timeout.ms",
        "controller.quorum.retry.backoff.ms",
        "controller.socket.timeout.ms",
        "default.replication.factor",
        "heartbeat.interval.ms",
        "initial.broker.registration.timeout.ms",
        "leader.imbalance.per.broker.percentage",
        "log.flush.offset.checkpoint.interval.ms",
        "log.flush.start.offset.checkpoint.interval.ms",
        "num.io.threads",
        "num.network.threads",
        "num.replica.fetchers",
        "offsets.topic.num.partitions",
        "reconnect.backoff.max.ms",
        "reconnect.backoff.ms",
        "replica.fetch.backoff.ms",
        "replica.fetch.min.bytes",
        "replica.fetch.wait.max.ms",
        "replica.high.watermark.checkpoint.interval.ms",
        "replica.lag.time.max.ms",
        "replica.socket.timeout.ms",
        "request.timeout.ms",
        "retry.backoff.max.ms",
        "retry.backoff.ms"};
    return kNames.contains(def.name);
}

TEST(ConfigTables, HoldExactlyKafkasSettingsWithTypeAndDefault) {
    std::map<ConfigKind, std::size_t> counts;
    for (const auto& row : read_table("kafka-3.9.1-settings.tsv")) {
        if (row[0] == "values")
            continue;
        const ConfigDef* def = find_config(kind_of(row[0]), row[1]);
        ASSERT_NE(def, nullptr) << row[0] << " " << row[1];
        EXPECT_EQ(def->type, type_of(row[2])) << row[1];
        EXPECT_EQ(def->default_value.value_or("<none>"), row[3]) << row[1];
        ++counts[kind_of(row[0])];
    }
    for (const auto kind :
         {ConfigKind::Broker, ConfigKind::Topic, ConfigKind::Producer, ConfigKind::Consumer}) {
        EXPECT_EQ(config_table(kind).size(), counts[kind]);
        EXPECT_GT(counts[kind], 30U);
    }
}

TEST(ConfigTables, AcceptAndRefuseTheValuesThatKafkaDoes) {
    const auto rows = read_table("kafka-3.9.1-settings.tsv");
    ASSERT_FALSE(rows.empty());
    const std::vector<std::string> values(rows[0].begin() + 1, rows[0].end());
    std::size_t judged = 0;
    for (const auto& row : rows) {
        if (row[0] == "values")
            continue;
        const ConfigDef* def = find_config(kind_of(row[0]), row[1]);
        ASSERT_NE(def, nullptr);
        if (def->type == ConfigType::Class || row[1].starts_with("controller.quorum.voters") ||
            row[1].starts_with("controller.quorum.bootstrap")) {
            continue;  // class names and addresses: the simulator has no use for them
        }
        ASSERT_EQ(row[4].size(), values.size());
        for (std::size_t i = 0; i < values.size(); ++i) {
            const bool legal = !check_config_value(*def, values[i]).has_value();
            const bool kafka = row[4][i] == '+';
            if (is_bounded(*def) && kafka && !legal)
                continue;
            EXPECT_EQ(legal, kafka) << row[0] << " " << row[1] << " = \"" << values[i] << "\"";
            ++judged;
        }
    }
    EXPECT_GT(judged, 30'000U);
}

ConfigMap settings_of(const std::string& text) {
    ConfigMap values;
    for (const std::string& pair : split(text, ';')) {
        if (const std::size_t at = pair.find('='); at != std::string::npos) {
            values.emplace(pair.substr(0, at), pair.substr(at + 1));
        }
    }
    return values;
}

std::string log_text(const TopicConfig& log) {
    return "ok segment.ms=" + std::to_string(log.segment_ms) +
           " jitter=" + std::to_string(log.segment_jitter_ms) +
           " retention.ms=" + std::to_string(log.retention_ms.value_or(-1)) +
           " flush.ms=" + std::to_string(log.flush_ms) +
           " before=" + std::to_string(log.message_timestamp_before_max_ms) +
           " after=" + std::to_string(log.message_timestamp_after_max_ms);
}

std::string producer_text(const ProducerConfig& config) {
    return "ok acks=" + std::to_string(static_cast<int>(config.acks)) +
           " idempotence=" + (config.enable_idempotence ? "true" : "false") +
           " reconnect.max=" + std::to_string(config.reconnect_backoff_max.ms()) +
           " delivery=" + std::to_string(config.delivery_timeout.ms());
}

TEST(ConfigRules, TieSettingsTogetherAsKafkaDoes) {
    const auto rows = read_table("kafka-3.9.1-setting-rules.tsv");
    EXPECT_GT(rows.size(), 100U);
    for (const auto& row : rows) {
        const ConfigKind kind = kind_of(row[0]);
        const ConfigMap values = settings_of(row[1]);
        const auto problems = check_config(kind, values);
        std::string outcome = "refused";
        if (problems.empty() && kind == ConfigKind::Broker) {
            outcome = log_text(resolve_broker_config(values).log);
        } else if (problems.empty() && kind == ConfigKind::Topic) {
            outcome = log_text(resolve_topic_config(TopicConfig{}, values));
        } else if (problems.empty()) {
            outcome = producer_text(resolve_producer_config(values));
        }
        EXPECT_EQ(outcome, row[2]) << row[0] << " " << row[1];
    }
}

}  // namespace
}  // namespace bsim
